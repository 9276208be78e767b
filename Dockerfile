# The image: one static file that nobody but its user reads, and nothing else.
#
#   docker build -t dagtrail .
#
# The build image is Debian's for its C compiler; rustup fetches the version that rust-toolchain.toml names.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN scripts/static.sh --release

FROM scratch
COPY --from=build /src/target/static/release/dagtrail /dagtrail
# By number: there is no /etc/passwd. The same as in the chart.
USER 65532:65532
# The chart mounts the volume elsewhere and says so.
WORKDIR /data
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/dagtrail"]
CMD ["serve", "--listen=0.0.0.0:8080", "--data-dir=/data"]
