# A mix, without anything it was built with.
#
#   podman build --file docker/mix.Dockerfile --tag reunion-mix .
#
# Plain syntax, no builder's own. The first stage begins as the server's does, so that the
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
 && meson setup /build -Dtests=disabled
RUN ninja -C /build server/reunion-mix \
 && install -D --strip /build/server/reunion-mix /out/usr/bin/reunion-mix \
 && install -d -m 700 /out/var/lib/reunion-mix

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libjansson4 libsodium23 libsystemd0 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /out/usr/bin/reunion-mix /usr/bin/reunion-mix
# A number of its own, so that who looks from outside knows whose files these are; no name for it,
# no home and no shell are needed.
COPY --from=build --chown=10003:10003 /out/var/lib/reunion-mix /var/lib/reunion-mix
USER 10003:10003
VOLUME /var/lib/reunion-mix
EXPOSE 5444/udp
# Variables, so that they hold for the check as well, and what is said at the start adds to them.
ENV REUNION_MIX_LISTEN=0.0.0.0:5444 REUNION_MIX_STATE=/var/lib/reunion-mix
ENTRYPOINT ["/usr/bin/reunion-mix"]
HEALTHCHECK --interval=30s --timeout=10s --start-period=10s --retries=3 \
    CMD ["/usr/bin/reunion-mix", "--probe"]
