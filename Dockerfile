# Two stages: wheels are built in the first, the second holds only what runs.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY router ./router
RUN python -m venv /opt/router \
    && /opt/router/bin/pip install --no-cache-dir -c constraints.txt .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /srv/router --create-home router
COPY --from=build /opt/router /opt/router
WORKDIR /srv/router
COPY config ./config
COPY plugins ./plugins
RUN install -d -o router -g router -m 0700 /srv/router/data
USER router
ENV PATH=/opt/router/bin:$PATH PYTHONUNBUFFERED=1 ROUTER_DATA_DIR=/srv/router/data
EXPOSE 8080
VOLUME /srv/router/data
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/health', timeout=2)"]
ENTRYPOINT ["router"]
CMD ["serve", "--config", "config/routes.yaml", "--host", "0.0.0.0", "--port", "8080"]
