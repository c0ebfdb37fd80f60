# SPDX-License-Identifier: Apache-2.0
"""git http-backend behind a small CGI server on loopback: the smart protocol, as a forge speaks it."""

import base64
import http.server
import os
import subprocess
import threading


class GitHttp:
    """Serves the repositories below `root`; with `login` ("user:password") only to who shows it."""

    def __init__(self, root, login=None):
        wanted = "Basic " + base64.b64encode(login.encode()).decode() if login else None

        class Handler(http.server.BaseHTTPRequestHandler):
            def serve(self):
                if wanted and self.headers.get("Authorization") != wanted:
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", 'Basic realm="git"')
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                path, _, query = self.path.partition("?")
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                environment = {**os.environ, "GIT_PROJECT_ROOT": root, "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
                               "QUERY_STRING": query, "REQUEST_METHOD": self.command, "REMOTE_ADDR": "127.0.0.1",
                               "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                               "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                               "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", "")}
                done = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env=environment)
                head, _, content = done.stdout.partition(b"\r\n\r\n")
                status = 200
                headers = []
                for line in head.decode().splitlines():
                    key, _, value = line.partition(": ")
                    if key == "Status":
                        status = int(value.split()[0])
                    else:
                        headers.append((key, value))
                self.send_response(status)
                for key, value in headers:
                    self.send_header(key, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = serve

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
