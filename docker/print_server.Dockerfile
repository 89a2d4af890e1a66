# The print server and the virtual printers: one image, since they share their code.
FROM python:3.11-slim
WORKDIR /srv
COPY print_server/requirements.txt print_server/requirements.txt
RUN pip install --no-cache-dir --requirement print_server/requirements.txt \
    && useradd --system --uid 10001 printing \
    && install --directory --owner=printing /var/lib/print_server
COPY print_server print_server
USER printing
VOLUME /var/lib/print_server
EXPOSE 5000
CMD ["python", "-m", "print_server"]
