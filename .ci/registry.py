"""registry.py FOLDER PORT_FILE: serves npm packages (*.tgz) as a registry does, and every other file
of the folder by its path, on loopback until it is ended."""

import base64
import hashlib
import http.server
import json
import sys
import tarfile
import urllib.parse
from pathlib import Path

folder, port_file = Path(sys.argv[1]), Path(sys.argv[2])


def described(url):
    """What the registry says of each package."""
    packages = {}
    for path in sorted(folder.glob("*.tgz")):
        with tarfile.open(path) as archive:
            manifest = json.load(archive.extractfile("package/package.json"))
        digest = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
        manifest["dist"] = {"tarball": f"{url}/{path.name}", "integrity": f"sha512-{digest}"}
        packages[manifest["name"]] = {
            "name": manifest["name"], "dist-tags": {"latest": manifest["version"]}, "versions": {manifest["version"]: manifest},
        }
    return packages


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        name = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path.lstrip("/"))
        if name in packages:
            status, body = 200, json.dumps(packages[name]).encode()
        elif (folder / name).resolve().is_relative_to(folder.resolve()) and (folder / name).is_file():
            status, body = 200, (folder / name).read_bytes()
        else:
            status, body = 404, b"{}"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
packages = described(f"http://127.0.0.1:{server.server_address[1]}")
port_file.write_text(str(server.server_address[1]))
server.serve_forever()
