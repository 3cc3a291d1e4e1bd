# The ready server and its page. Agents come as a module that is mounted, or copied by an image made from this one:
# docs/deploy.md. `docker build -t questlog .`
FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN npm ci
RUN npm run build
RUN mkdir /packed && npm pack --ignore-scripts --pack-destination /packed . ./packages/server
RUN npm install --prefix /app --omit=dev --no-fund --no-audit /packed/*.tgz

FROM node:24-bookworm-slim
ENV NODE_ENV=production
ENV HOST=0.0.0.0
ENV PORT=8000
ENV QUESTLOG_DATA_DIR=/data
WORKDIR /app
COPY --from=build /app /app
# For the embedded database; nothing else is written.
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}${process.env.QUESTLOG_BASE_PATH ?? ''}/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/node_modules/questlog-server/dist/server/cli.js"]
CMD ["serve"]
