# syntax=docker/dockerfile:1
# Sentinel in a container: docker build -t sentinel .
#
# Debian 13 brings CMake 3.31 and libclang, which LightGBM's build needs; nothing of them is in the second stage.
FROM rust:1-trixie AS build
RUN apt-get update && \
    apt-get install -y --no-install-recommends cmake libclang-dev && \
    rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --profile dist --locked --bin sentinel

FROM debian:trixie-slim
# libstdc++ for LightGBM, certificates for asking GitHub.
RUN apt-get update && \
    apt-get install -y --no-install-recommends ca-certificates libstdc++6 && \
    rm -rf /var/lib/apt/lists/* && \
    useradd --system --uid 10001 --user-group --home-dir /data --no-create-home sentinel && \
    install -d -o sentinel -g sentinel -m 0700 /data
COPY --from=build /src/target/dist/sentinel /usr/local/bin/sentinel
USER 10001:10001
# All that is ever written is in /data: the rest may be read-only.
VOLUME /data
WORKDIR /data
ENV SENTINEL_DATA__DIR=/data \
    SENTINEL_SERVER__LISTEN=0.0.0.0:8200
EXPOSE 8200
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s --retries=3 CMD ["sentinel", "health"]
ENTRYPOINT ["sentinel"]
CMD ["serve"]
