# The build stage holds the toolchain; the last stage only the program, its shared libraries and a font.
FROM swift:6.3-bookworm AS build
WORKDIR /src
COPY scripts/setup scripts/setup
RUN scripts/setup
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
RUN swift build -c release --product ingest-bench --static-swift-stdlib \
    && install -s .build/release/ingest-bench /usr/local/bin/ingest-bench

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates fonts-dejavu-core libcairo2 libcurl4 libdeflate0 libfreetype6 libgumbo1 libharfbuzz0b \
        libjbig2dec0 libjpeg62-turbo libmujs2 libopenjp2-7 libsqlite3-0 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /data bench
COPY --from=build /usr/local/bin/ingest-bench /usr/local/bin/ingest-bench
USER bench
WORKDIR /data
EXPOSE 8000 9000
ENTRYPOINT ["ingest-bench"]
CMD ["serve", "--host", "0.0.0.0"]
