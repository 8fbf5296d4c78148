/** Call it before the modules that are to be kept are imported. Where nothing can be kept, nothing is. */
export declare function keepCompiled(): void;

/** For NODE_COMPILE_CACHE of a child: this process's own folder, else the one it would have; null where nothing can be kept. */
export declare function compileCacheFolder(): string | null;
