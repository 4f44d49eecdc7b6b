# An image for pipelines: lockkeeper, git, a shell.
#
#   docker build -t lockkeeper .
FROM debian:bookworm AS build
WORKDIR /src
COPY . .
RUN scripts/setup build \
    && cmake --preset release -DLK_TESTS=OFF \
    && cmake --build --preset release \
    && cd build/release && cpack

FROM debian:bookworm-slim
COPY --from=build /src/build/release/*.deb /tmp/
RUN apt-get update \
    && apt-get install -y --no-install-recommends /tmp/*.deb ca-certificates git libcurl4 libxml2 \
    && rm -rf /tmp/*.deb /var/lib/apt/lists/*
CMD ["lockkeeper", "--help"]
