# The client, without anything it was built with; and, by --entrypoint, reunion-link and
# reunion-group, and with --network=host reunion-on-an-ethernet.
#
#   podman build --file docker/client.Dockerfile --tag reunion-client .
#   podman run --rm -it reunion-client --server https://meet.example.org --expect 1
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
RUN ninja -C /build client/reunion-client client/reunion-link client/reunion-group \
      client/reunion-on-an-ethernet \
 && install -D --strip --target-directory=/out/usr/bin /build/client/reunion-client \
      /build/client/reunion-link /build/client/reunion-group /build/client/reunion-on-an-ethernet

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      ca-certificates libargon2-1 libcurl4 libjansson4 libqrencode4 libsodium23 libssl3 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /out/usr/bin /usr/bin
USER 10001:10001
ENTRYPOINT ["/usr/bin/reunion-client"]
