# syntax=docker/dockerfile:1.7
# The agent: Node, the libraries it links to, and one file. No shell, no package manager, nothing to write to.
#   docker build -f deploy/docker/agent.Dockerfile -t fairway-agent .

FROM node:24.21.0-trixie-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN sh deploy/docker/agent.sh /image

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Fairway agent" \
      org.opencontainers.image.description="Keeps one Kubernetes cluster as its Fairway hub decides." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /image /
# The number and not the name, so that Kubernetes can see that it is not root.
USER 65532:65532
ENV NODE_ENV=production FAIRWAY_HEALTH=0.0.0.0:8080
EXPOSE 8080

# For little memory (`npm run bench -- bundle` and `-- agent` measure it): one heap for all threads, given back at once; a
# young generation of 1 MiB; code that start-up used once is dropped at the next collection; undici's parser, which is
# WebAssembly, compiled fast rather than well; of V8's compilers the small one alone, and what it made dropped when it
# is not used. The others take more memory than an agent, which mostly waits, gets back for it.
ENV MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=65536
ENTRYPOINT ["/usr/bin/node", "--max-semi-space-size=1", "--optimize-for-size", "--bytecode-old-age=1", "--liftoff-only", "--no-maglev", "--no-opt", "--flush-baseline-code", "/opt/fairway/agent.cjs"]
