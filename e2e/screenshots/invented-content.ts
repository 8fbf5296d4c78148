// What the invented screens say: names, numbers and messages, the same for the same seed.

export interface Content {
  random(): number;
  pick<T>(from: readonly T[]): T;
  whole(low: number, high: number): number;
  service(): string;
  clock(): string;
  id(length?: number): string;
  quantity(): { label: string; value: string };
}

const services = [
  "checkout", "payment-service", "cart-api", "inventory", "auth-gateway", "order-worker", "search-indexer", "billing", "notification-hub",
  "recommendation", "shipping-service", "user-profile",
] as const; // prettier-ignore

const quantities: readonly [label: string, value: (content: Content) => string][] = [
  ["Request rate", (c) => `${(c.whole(11, 99) / 10).toFixed(1)}k req/s`],
  ["p95 latency", (c) => `${c.whole(120, 980)} ms`],
  ["p99 latency", (c) => `${(c.whole(11, 79) / 10).toFixed(1)} s`],
  ["Error rate", (c) => `${(c.whole(3, 240) / 10).toFixed(1)} %`],
  ["CPU usage", (c) => `${c.whole(21, 98)}%`],
  ["Memory", (c) => `${(c.whole(11, 78) / 10).toFixed(1)} GiB`],
  ["Disk free", (c) => `${c.whole(31, 640)} GB`],
  ["Queue depth", (c) => `${c.whole(1200, 9800)} messages`],
  ["Active connections", (c) => String(c.whole(110, 990))],
  ["Network in", (c) => `${c.whole(21, 480)} MB/s`],
  ["Pod restarts", (c) => String(c.whole(2, 48))],
  ["Availability", (c) => `99.${c.whole(11, 98)} %`],
];

/** mulberry32: small, even enough for texts. */
export function contentOf(seed: number): Content {
  let state = seed * 0x9e3779b1;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const content: Content = {
    random,
    pick(from) {
      const found = from[Math.floor(random() * from.length)];
      if (found === undefined) throw new Error("nothing to pick from");
      return found;
    },
    whole: (low, high) => low + Math.floor(random() * (high - low + 1)),
    service: () => content.pick(services),
    clock: () =>
      [content.whole(0, 23), content.whole(0, 59), content.whole(0, 59)]
        .map((part) => String(part).padStart(2, "0"))
        .join(":"),
    id: (length = 8) => Array.from({ length }, () => content.pick("abcdef23456789".split(""))).join(""),
    quantity() {
      const [label, value] = content.pick(quantities);
      return { label, value: value(content) };
    },
  };
  return content;
}

export interface Failure {
  /** The lines as a terminal or an error page shows them. */
  lines: string[];
  /** The line that says what went wrong. */
  message: string;
}

export const failures: readonly ((content: Content) => Failure)[] = [
  (c) => {
    const message = `psycopg2.OperationalError: connection to server at "10.2.${c.whole(1, 250)}.${c.whole(1, 250)}", port 5432 failed: Connection refused`;
    return {
      message,
      lines: [
        "Traceback (most recent call last):",
        `  File "/app/${c.pick(["orders", "billing", "cart"])}/views.py", line ${c.whole(20, 400)}, in create_order`,
        "    order = Order.objects.create(customer=customer)",
        `  File "/usr/lib/python3.12/site-packages/django/db/models/query.py", line ${c.whole(400, 900)}, in create`,
        "    obj.save(force_insert=True, using=self.db)",
        message,
      ],
    };
  },
  (c) => {
    const message = `TypeError: Cannot read properties of undefined (reading '${c.pick(["total", "customerId", "items"])}')`;
    return {
      message,
      lines: [
        message,
        `    at PaymentService.charge (/srv/app/src/payment.ts:${c.whole(20, 300)}:${c.whole(5, 40)})`,
        `    at async CheckoutController.submit (/srv/app/src/checkout.ts:${c.whole(20, 300)}:17)`,
        "    at async handleRequest (/srv/app/src/server.ts:88:5)",
        "    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)",
      ],
    };
  },
  (c) => {
    const message = `java.lang.OutOfMemoryError: Java heap space`;
    return {
      message,
      lines: [
        `Exception in thread "http-nio-8080-exec-${c.whole(1, 40)}" ${message}`,
        `    at com.acme.orders.OrderService.loadAll(OrderService.java:${c.whole(30, 400)})`,
        `    at com.acme.orders.OrderController.list(OrderController.java:${c.whole(30, 200)})`,
        "    at org.springframework.web.servlet.DispatcherServlet.doDispatch(DispatcherServlet.java:1089)",
        "Caused by: org.hibernate.exception.JDBCConnectionException: Unable to acquire connection",
      ],
    };
  },
  (c) => {
    const message = "panic: runtime error: invalid memory address or nil pointer dereference";
    return {
      message,
      lines: [
        message,
        `[signal SIGSEGV: segmentation violation code=0x1 addr=0x18 pc=0x6b${c.whole(1000, 9999)}]`,
        `goroutine ${c.whole(12, 900)} [running]:`,
        "main.(*Server).handleCheckout(0xc000112000)",
        `    /go/src/acme/checkout/server.go:${c.whole(40, 400)} +0x1d4`,
        "exit status 2",
      ],
    };
  },
  (c) => {
    const message = `upstream timed out (110: Connection timed out) while reading response header from upstream`;
    return {
      message,
      lines: [
        `2026/11/21 ${c.clock()} [error] ${c.whole(20, 90)}#0: *${c.whole(1000, 90000)} ${message}`,
        `client: 10.0.${c.whole(0, 250)}.${c.whole(1, 250)}, server: shop.example.com`,
        `request: "POST /api/checkout HTTP/1.1", status: 504`,
      ],
    };
  },
];
