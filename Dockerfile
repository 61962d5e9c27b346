# syntax=docker/dockerfile:1
# Not built in CI: build it where you deploy from, and look at what you get.
#
#     docker build -t hexacoral .
#     docker run --rm hexacoral --help

# --- The program, linked to the C library alone ----------------------------------------
FROM rust:1.94-bookworm AS build
WORKDIR /source
COPY . .
# The caches stay with the builder, not in the image: the next build compiles what has changed.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo build --release --locked --package app --bin app \
    && install -D target/release/app /out/app && install -d /out/data

# --- What runs: no shell, no package manager, no root ----------------------------------
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /out/app /usr/local/bin/app
COPY --from=build --chown=nonroot:nonroot /out/data /data
WORKDIR /
# Everybody who can reach the container can reach the service: it wants AUTH_SECRET or a JWKS.
ENV HTTP_ADDR=0.0.0.0:3000 LOG_FORMAT=json
EXPOSE 3000
# Of use to an embedded database only: -v hexacoral:/data
VOLUME /data
USER nonroot
# The program asks itself: there is no curl here.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["/usr/local/bin/app", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/app"]
CMD ["serve"]
