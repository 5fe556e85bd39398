# Nothing is built of this: it names what services/Dockerfile is built on, as its arguments NODE and RUNTIME, where a release or
# `npm run up` builds with Docker. Updates of dependencies renew the digests, which they find in lines like these only.
FROM docker.io/library/node:24-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d AS node
FROM gcr.io/distroless/nodejs24-debian12:nonroot@sha256:14d42e2511532589a7c7e01a753667a74fcc96266e137e8125006b87b0c32d0a AS runtime
