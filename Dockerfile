# The server of this checkout. A project of its own has another one, which payhook init writes.
#   docker build -t payhook . && docker run -p 8080:8080 -v payhook:/data payhook
# Secrets are variables of the container: -e PAYHOOK_STRIPE_SIGNING_SECRETS=whsec_…
FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without the Node that a checkout brings: the image has one.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production \
    PAYHOOK_HOST=0.0.0.0 \
    PAYHOOK_DATA_DIR=/data \
    PAYHOOK_LOG_FORMAT=json \
    MALLOC_ARENA_MAX=2
WORKDIR /app
RUN mkdir --mode=700 /data && chown node:node /data
COPY --from=packages /app/node_modules node_modules
COPY package.json payhook.config.ts LICENSE ./
COPY src src
# As in a checkout: docker exec payhook bin/payhook webhooks list
RUN mkdir bin && printf '#!/bin/sh\nexec node /app/src/cli/main.ts "$@"\n' > bin/payhook && chmod 755 bin/payhook
# The user node, by its number: Kubernetes wants to see that this is not root.
USER 1000
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PAYHOOK_PORT ?? 8080) + '/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=8", "--max-old-space-size=1024", "src/cli/main.ts"]
CMD ["serve"]
