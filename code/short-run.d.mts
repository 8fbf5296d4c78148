export const indexFlags: readonly string[];
export function parserFlags(memoryMb: number): string[];
export function leaveOutLastCompiler(): void;
