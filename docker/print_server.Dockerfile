# pycups, for printers behind CUPS, has to be built; of what builds it nothing stays in the image.
FROM python:3.11-slim AS pycups
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev libcups2-dev
COPY print_server/requirements-cups.txt .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels --requirement requirements-cups.txt

# The print server and the virtual printers: one image, since they share their code.
FROM python:3.11-slim
WORKDIR /srv
COPY print_server/requirements.txt print_server/requirements.txt
COPY --from=pycups /wheels /wheels
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libcups2 \
    && rm -rf /var/lib/apt/lists/* \
    && pip install --no-cache-dir --requirement print_server/requirements.txt /wheels/*.whl \
    && useradd --system --uid 10001 printing \
    && install --directory --owner=printing /var/lib/print_server
COPY print_server print_server
USER printing
VOLUME /var/lib/print_server
EXPOSE 5000
CMD ["python", "-m", "print_server"]
