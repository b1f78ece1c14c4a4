"""Respondents send no files. One that comes is never kept, in memory or on the disk, and a long one isn't even read."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class NoFiles(FileUploadHandler):
    def handle_raw_input(
        self, input_data: Any, META: dict[str, str], content_length: int, boundary: str, encoding: str | None = None
    ) -> None:
        """Raises RequestDataTooBig, as Django does of itself for a form that says nothing of files."""
        if content_length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig("A form of many parts was longer than any page of ours.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Dropped."""

    def file_complete(self, file_size: int) -> None:
        """There is none."""
