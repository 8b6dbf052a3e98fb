# The client, without anything it was built with.
#
#   podman build --file docker/client.Dockerfile --tag reunion-client .
#   podman run --rm -it reunion-client --server https://meet.example.org --expect 1
#
# Plain syntax, for every builder there is. The first stage begins as the server's does, so that the
# two share what is expensive in it.
FROM debian:bookworm-slim AS build
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      gcc libc6-dev meson ninja-build pkgconf \
      libargon2-dev libcurl4-openssl-dev libjansson-dev libmicrohttpd-dev libqrencode-dev \
      libsodium-dev libsqlite3-dev libssl-dev libsystemd-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# What --version names, as git is not here: --build-arg COMMIT="$(git rev-parse HEAD)"
ARG COMMIT=
RUN if [ -n "$COMMIT" ]; then echo "$COMMIT" >common/base/commit; fi \
 && meson setup /build -Dtests=false
RUN ninja -C /build client/reunion-client \
 && install -D --strip /build/client/reunion-client /out/usr/bin/reunion-client

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      ca-certificates libargon2-1 libcurl4 libjansson4 libsodium23 libssl3 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /out/usr/bin/reunion-client /usr/bin/reunion-client
USER 10001:10001
ENTRYPOINT ["/usr/bin/reunion-client"]
