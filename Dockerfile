# One image for every service; docker-compose.yml says what each container runs.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    UV_PYTHON_DOWNLOADS=never \
    UV_PROJECT_ENVIRONMENT=/app/.venv \
    UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    PATH="/app/.venv/bin:$PATH"

WORKDIR /app

# The packages are a layer of their own, built again only when the lock changes.
COPY pyproject.toml uv.lock ./
RUN python -m venv /opt/uv \
    && /opt/uv/bin/pip install --no-cache-dir uv==0.13.8 \
    && /opt/uv/bin/uv sync --locked --no-dev --no-cache \
    && rm -rf /opt/uv

COPY . .
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data duecast \
    # Empty named volumes take over these folders' owner.
    && install -d -o duecast -g duecast /data /postgres-password \
    && python -m compileall -q accounts calendar_app publishing simulator tiktok

USER duecast
ENV DATA_DIR=/data \
    BIND=0.0.0.0 \
    LOG_FORMAT=json
VOLUME /data
EXPOSE 8000

# gunicorn and the workers end in order on SIGTERM.
STOPSIGNAL SIGTERM
CMD ["gunicorn", "-c", "python:calendar_app.gunicorn"]
