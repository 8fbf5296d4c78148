// The methods of interfaces of the standard library that others embed.
import type { MethodTexts } from "./type-summaries.ts";

const reader: MethodTexts = { Read: [["[](uint8)"], ["int", "error"]] };

const writer: MethodTexts = { Write: [["[](uint8)"], ["int", "error"]] };

const closer: MethodTexts = { Close: [[], ["error"]] };

const seeker: MethodTexts = {
  Seek: [
    ["int64", "int"],
    ["int64", "error"],
  ],
};

const sortable: MethodTexts = {
  Len: [[], ["int"]],
  Less: [["int", "int"], ["bool"]],
  Swap: [["int", "int"], []],
};

/** Interfaces of the standard library that others embed. */
export const wellKnown: Record<string, MethodTexts> = {
  error: { Error: [[], ["string"]] },
  "fmt.Stringer": { String: [[], ["string"]] },
  "io.Reader": reader,
  "io.Writer": writer,
  "io.Closer": closer,
  "io.Seeker": seeker,
  "io.ReadCloser": { ...reader, ...closer },
  "io.WriteCloser": { ...writer, ...closer },
  "io.ReadWriter": { ...reader, ...writer },
  "io.ReadWriteCloser": { ...reader, ...writer, ...closer },
  "io.ReadSeeker": { ...reader, ...seeker },
  "io.ReaderAt": {
    ReadAt: [
      ["[](uint8)", "int64"],
      ["int", "error"],
    ],
  },
  "io.ByteReader": { ReadByte: [[], ["uint8", "error"]] },
  "sort.Interface": sortable,
  "container/heap.Interface": { ...sortable, Push: [["any"], []], Pop: [[], ["any"]] },
  "sync.Locker": { Lock: [[], []], Unlock: [[], []] },
  "net/http.Handler": { ServeHTTP: [["net/http.ResponseWriter", "net/http.Request"], []] },
  "net/http.RoundTripper": { RoundTrip: [["net/http.Request"], ["net/http.Response", "error"]] },
};
