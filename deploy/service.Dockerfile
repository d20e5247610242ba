# One image for all services: which one a container is, its command says (deploy/compose.yaml). docs/decisions/0050.
#   docker build -f deploy/service.Dockerfile -t guichet .
# Its user is nobody's on the machine but the owner of what is mounted; the root file system may be read-only.
ARG BASE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE} AS packages
ARG UV_VERSION=0.13.9
# A network with a certificate authority of its own: build on a BASE that trusts it.
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt UV_SYSTEM_CERTS=1 \
    UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_NO_CACHE=1
WORKDIR /opt/guichet
RUN python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir "uv==${UV_VERSION}"
COPY . .
RUN /opt/uv/bin/uv sync --frozen --no-dev --compile-bytecode --python "$(command -v python3)"

FROM ${BASE}
# Reads scanned letters, in French (docs/decisions/0070); the distribution's newest mends are wanted, not a version.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends tesseract-ocr tesseract-ocr-fra \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 guichet \
    && useradd --uid 10001 --gid 10001 --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin guichet \
    && install -d -o 10001 -g 10001 -m 0700 /run/guichet/senders
COPY --from=packages /opt/guichet /opt/guichet
ENV PATH=/opt/guichet/.venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MALLOC_ARENA_MAX=1
USER 10001:10001
WORKDIR /
ENTRYPOINT ["python", "-P", "-m", "guichet_server.run.in_container"]
CMD ["guichet_cli", "--help"]
