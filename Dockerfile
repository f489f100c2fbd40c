# Night Porter in a container: see deploy/containers.md.
#
#   make image                                    # or: docker build --build-arg VERSION=… -t nightporter .
#
# Any Debian will do for a base; where it has no Python, Debian's is installed.
ARG BASE_IMAGE=python:3.12-slim-bookworm

# What both stages stand on: Python, the certificates of authorities, time zones, and who the porter is.
FROM ${BASE_IMAGE} AS ground
SHELL ["/bin/sh", "-euc"]
# Versions are not pinned: Debian keeps but one of each package, the one without known holes.
# hadolint ignore=DL3008
RUN export DEBIAN_FRONTEND=noninteractive; \
    apt-get update -qq; \
    apt-get install -y -qq --no-install-recommends ca-certificates tzdata >/dev/null; \
    command -v python3 >/dev/null || apt-get install -y -qq --no-install-recommends python3 >/dev/null; \
    rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/apt /var/log/dpkg.log; \
    groupadd --gid 10001 nightporter; \
    useradd --uid 10001 --gid 10001 --no-create-home --no-log-init --home-dir /var/lib/nightporter \
        --shell /usr/sbin/nologin nightporter; \
    install -d -o nightporter -g nightporter -m 0700 /var/lib/nightporter; \
    install -d -m 0755 /etc/nightporter

# pip and the backend that makes the wheel are needed here only. What is downloaded has the hash that the locks say.
FROM ground AS build
# hadolint ignore=DL3008
RUN export DEBIAN_FRONTEND=noninteractive; \
    python3 -c 'import ensurepip' 2>/dev/null || { \
        apt-get update -qq; \
        apt-get install -y -qq --no-install-recommends python3-venv >/dev/null; \
    }; \
    python3 -m venv /build/tools; \
    python3 -m venv --without-pip /opt/nightporter
WORKDIR /build/source
COPY requirements.lock requirements-build.lock ./
# The secret `ca`, where it is given, holds the certificates of a proxy that looks into TLS.
RUN --mount=type=secret,id=ca \
    if [ -s /run/secrets/ca ]; then export PIP_CERT=/run/secrets/ca; fi; \
    export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1 PIP_ONLY_BINARY=:all:; \
    /build/tools/bin/pip install -q --require-hashes -r requirements-build.lock; \
    /build/tools/bin/pip --python /opt/nightporter/bin/python install -q --require-hashes -r requirements.lock
COPY . .
RUN /build/tools/bin/pip wheel -q --no-cache-dir --no-deps --no-index --no-build-isolation --wheel-dir /build/wheel .; \
    /build/tools/bin/pip --python /opt/nightporter/bin/python install -q --no-cache-dir --no-compile --no-deps \
        --no-index /build/wheel/*.whl; \
    install -m 0644 deploy/docker/healthcheck.py /opt/nightporter/healthcheck.py; \
    find /opt/nightporter -name '*.pyx' -delete; \
    /opt/nightporter/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/nightporter

FROM ground
# What a base image brings to install with, or to become root by, has no place here.
RUN find / -xdev \( -name pip -o -name 'pip-*' -o -name 'pip3*' -o -name ensurepip -o -name setuptools \
        -o -name 'setuptools-*' -o -name wheel -o -name 'wheel-*' -o -name python-wheels \) \
        -path '*py*' -prune -exec rm -rf {} +; \
    rm -f /usr/local/bin/pip* /usr/bin/pip*; \
    find / -xdev -type f -perm /6000 -exec chmod a-s {} +
COPY --from=build /opt/nightporter /opt/nightporter

ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Night Porter" \
      org.opencontainers.image.description="Watches a hotel's integrations and mails the right person what to do" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# Nothing but the state is written, not even bytecode: the root file system may be read-only.
ENV PATH=/opt/nightporter/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONSAFEPATH=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /var/lib/nightporter
VOLUME /var/lib/nightporter
EXPOSE 9187
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=5m --retries=3 \
    CMD ["python", "-IES", "/opt/nightporter/healthcheck.py"]
ENTRYPOINT ["nightporter"]
CMD ["run"]
