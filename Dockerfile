# The whole service in one binary; nothing beside it but libc.
# libpq comes with its own OpenSSL (feature postgres-tls), which takes perl and make to build.
FROM rust:1.95.0-slim-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev make perl \
    && rm -rf /var/lib/apt/lists/*
# The image has the toolchain; without this, rust-toolchain.toml would fetch rustfmt and clippy.
ENV RUSTUP_TOOLCHAIN=1.95.0
WORKDIR /build
COPY . .
RUN cargo build --release --locked --features postgres-tls

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin changping \
    && install -d -o changping -g changping -m 0750 /data
COPY --from=build /build/target/release/changping /usr/local/bin/changping
COPY LICENSE /usr/share/doc/changping/LICENSE
USER changping
WORKDIR /data
VOLUME /data
# An embedded database unless told otherwise; in a container, loopback would reach nobody.
ENV CHANGPING_DATABASE_URL=sqlite:///data/changping.db \
    CHANGPING_BIND=0.0.0.0:8080
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["changping"]
CMD ["serve"]
