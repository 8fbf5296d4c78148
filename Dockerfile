# One image: the server with its built UI. Data lives in /data; authentication is on because the server is bound beyond loopback.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY . .
RUN npm ci --ignore-scripts --no-audit --no-fund && npx vite build web && node scripts/bundle-packages.mjs

FROM node:24-bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends git openssh-client ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app /app
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund && mkdir /data && chown node /data
USER node
ENV NODE_ENV=production OPENTRACE_HOST=0.0.0.0 OPENTRACE_DATA=/data ENABLE_AUTH=true
VOLUME /data
EXPOSE 8000
HEALTHCHECK CMD ["node", "-e", "fetch('http://127.0.0.1:8000/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=8", "--heap-growing-percent=30", "server/src/main.mjs"]
