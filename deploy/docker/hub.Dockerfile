# syntax=docker/dockerfile:1.7
# The hub, and the whole `fairway` command beside it.
#   docker build -f deploy/docker/hub.Dockerfile -t fairway-hub .
# It brings a PostgreSQL for a hub without one. Left out, the image is 60 MB smaller:
#   docker build -f deploy/docker/hub.Dockerfile -t fairway-hub --build-arg POSTGRES=--without-postgres .

FROM node:24.21.0-trixie-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
ARG POSTGRES=
RUN sh deploy/docker/hub.sh /image $POSTGRES

FROM node:24.21.0-trixie-slim
# Git fetches from SSH sources; HTTPS needs neither. The account is the image's own `node`.
RUN apt-get update \
 && apt-get install -y --no-install-recommends git openssh-client ca-certificates \
 && rm -rf /var/lib/apt/lists/* /usr/local/lib/node_modules /opt/yarn* /usr/local/bin/np[mx] /usr/local/bin/yarn* /usr/local/bin/corepack \
 && install -d -o node -g node -m 0700 /var/lib/fairway
COPY --from=build /image /opt/fairway
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Fairway hub" \
      org.opencontainers.image.description="GitOps for fleets of Kubernetes clusters: follows Git and decides what every cluster is to run." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# The number and not the name, so that Kubernetes can see that it is not root. It writes to its data and to /tmp alone.
USER 1000:1000
# One heap for all threads: with ten thousand agents it is 60 MB smaller.
ENV MALLOC_ARENA_MAX=1
ENV NODE_ENV=production FAIRWAY_HTTP=0.0.0.0:7070 FAIRWAY_GRPC=0.0.0.0:7443 FAIRWAY_DATA_DIR=/var/lib/fairway
VOLUME /var/lib/fairway
EXPOSE 7070 7443
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "/opt/fairway/probe.mjs"]
# Node is the first process and handles SIGTERM itself: what runs is finished, then every part is closed.
ENTRYPOINT ["node", "/opt/fairway/dist/cli/main.js"]
CMD ["hub"]
