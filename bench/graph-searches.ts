// What people type into the search box, for bench/graph.ts: names, parts, qualified names, words of comments, mistakes, nothing.
export const searches: readonly string[] = [
  "PaymentService",
  "pay",
  "getUser",
  "validate",
  "token cache",
  "module_77",
  "src/order3",
  "returns",
  "PaymetnService",
  "User42Service",
  "sessionstream",
  "handle_",
  "Report.render",
  "xyzzy",
  "e",
];
