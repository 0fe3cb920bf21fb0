# To pin them: --build-arg BUILD_IMAGE=...@sha256:... and --build-arg BASE_IMAGE=...@sha256:...
ARG BUILD_IMAGE=docker.io/library/node:24-trixie-slim
ARG BASE_IMAGE=gcr.io/distroless/nodejs24-debian13:nonroot

# What it makes is the same for all platforms: it runs on that of the builder.
FROM --platform=$BUILDPLATFORM $BUILD_IMAGE AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc LICENSE ./
RUN npm ci
# How esbuild reads the sources is in there, too.
COPY tsconfig.json ./
COPY src src
COPY scripts scripts
RUN npm run build

# No shell, no package manager, no node_modules. `npm run image` makes the same of this stage without Docker.
FROM $BASE_IMAGE
# Called a module: there is no package.json that says so, and Node would read it twice to find out.
COPY --from=build /build/dist/keyturn.js /keyturn/keyturn.mjs
COPY --from=build /build/dist/keyturn-renderer.mjs /keyturn/
COPY --from=build /build/LICENSE /keyturn/
COPY --from=build /build/dist/sbom.cdx.json /build/dist/THIRD-PARTY-LICENSES.txt /keyturn/
COPY --from=build /build/dist/keyturn.js.LEGAL.txt /build/dist/keyturn-renderer.mjs.LEGAL.txt /keyturn/
# These and the flags of Node are scripts/node-flags.ts; a test holds them against each other.
ENV MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=131072 MALLOC_TRIM_THRESHOLD_=131072
# By number: Kubernetes cannot tell of a name that it is not root.
USER 65532:65532
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=4", "--heap-growing-percent=30", "/keyturn/keyturn.mjs"]
CMD ["run"]
