# The proxy of compose.yaml: Debian's Caddy with the sample of packaging/caddy.
FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates caddy \
 && rm -rf /var/lib/apt/lists/* \
 && install -d --owner=10002 --group=10002 --mode=0700 /var/lib/proxy
COPY packaging/caddy/Caddyfile /etc/caddy/Caddyfile
# Where certificates and their keys are kept.
ENV XDG_DATA_HOME=/var/lib/proxy XDG_CONFIG_HOME=/var/lib/proxy
USER 10002:10002
VOLUME /var/lib/proxy
EXPOSE 80 443
ENTRYPOINT ["/usr/bin/caddy", "run", "--config", "/etc/caddy/Caddyfile"]
STOPSIGNAL SIGTERM
