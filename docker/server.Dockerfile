# The server, without anything it was built with.
#
#   podman build --file docker/server.Dockerfile --tag reunion-server .
#
# Plain syntax, no builder's own. The first stage begins as the client's does, so that the
# two share what is expensive in it.
FROM debian:bookworm-slim AS build
WORKDIR /src
COPY .ci/install-packages .ci/packages .ci/
COPY .ci/no-services .ci/no-services
RUN .ci/install-packages build && rm -rf /var/lib/apt/lists/*
COPY . .
# What --version names, as git is not here: --build-arg COMMIT="$(git rev-parse HEAD)"
ARG COMMIT=
RUN if [ -n "$COMMIT" ]; then echo "$COMMIT" >common/base/commit; fi \
 && meson setup /build -Dtests=disabled -Dpostgresql=enabled
RUN ninja -C /build server/reunion-server \
 && install -D --strip /build/server/reunion-server /out/usr/bin/reunion-server \
 && install -d /out/var/lib/reunion

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      libargon2-1 libjansson4 libmicrohttpd12 libpq5 libqrencode4 libsodium23 libsqlite3-0 \
      libsystemd0 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /out/usr/bin/reunion-server /usr/bin/reunion-server
# A number of its own, so that who looks from outside knows whose files these are; no name for it,
# no home and no shell are needed.
COPY --from=build --chown=10001:10001 /out/var/lib/reunion /var/lib/reunion
USER 10001:10001
VOLUME /var/lib/reunion
EXPOSE 5000
# Variables, so that they hold for the check as well, and what is said at the start adds to them.
ENV REUNION_LISTEN=0.0.0.0:5000 REUNION_DB=/var/lib/reunion/reunion.db
ENTRYPOINT ["/usr/bin/reunion-server"]
HEALTHCHECK --interval=30s --timeout=10s --start-period=10s --retries=3 \
    CMD ["/usr/bin/reunion-server", "--probe"]
