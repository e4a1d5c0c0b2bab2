import Curl
import Glibc

@testable import LoadGenerator

/// A server that speaks TLS with a certificate that nobody vouches for: Python's own, for its libraries.
final class SecureServer {
    /// Whether the programs are here that it takes.
    static let isPossible = ["python3", "openssl"].allSatisfy { tool in
        guard let path = getenv("PATH") else { return false }
        return String(cString: path).split(separator: ":").contains { access("\($0)/\(tool)", X_OK) == 0 }
    }

    /// The certificate's file.
    let certificate: String
    let port: Int
    private let folder: String
    private let process: pid_t

    /// Serves HTTP/1.1, or HTTP/2 (RFC 9113) and nothing else: heads are not decoded, each answer is 200.
    private static let script = """
        import http.server, socketserver, ssl, struct, sys

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            def do_HEAD(self): self.reply()
            def do_GET(self): self.reply()
            def do_POST(self):
                self.rfile.read(int(self.headers['Content-Length']))
                self.reply()
            def reply(self):
                self.send_response(200)
                self.send_header('Content-Length', '0')
                self.end_headers()
            def log_message(self, *rest): pass

        class Handler2(socketserver.StreamRequestHandler):
            def handle(self):
                if self.rfile.read(24) != b'PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n': return
                self.send(4, 0, 0, b'')
                while len(head := self.rfile.read(9)) == 9:
                    length, kind, flags = int.from_bytes(head[:3], 'big'), head[3], head[4]
                    stream, payload = int.from_bytes(head[5:], 'big'), self.rfile.read(length)
                    if kind in (4, 6) and not flags & 1: self.send(kind, 1, 0, payload if kind == 6 else b'')
                    if kind == 0 and length:
                        for each in (0, stream): self.send(8, 0, each, struct.pack('>I', length))
                    # The end of the stream is answered by a head, ":status: 200", that ends it too.
                    if kind in (0, 1) and flags & 1: self.send(1, 5, stream, b'\\x88')
            def send(self, kind, flags, stream, payload):
                self.wfile.write(struct.pack('>I', len(payload))[1:] + bytes([kind, flags]) + struct.pack('>I', stream) + payload)

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

        is_two = sys.argv[3] == '2'
        server = Server(('127.0.0.1', 0), Handler2 if is_two else Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if is_two: context.set_alpn_protocols(['h2'])
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        # The handshake is the connection's thread's to do, not the acceptor's.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """

    /// Makes a certificate and starts the server on a free port of 127.0.0.1.
    ///
    /// - Parameter version: The version of HTTP that it speaks.
    /// - Throws: `PlanError` or `CurlError` where a program can't be started.
    init(_ version: TransportPlan.Version = .one) throws {
        var template = Array("/tmp/ingest-bench-tls-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw PlanError.noFiles }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.folder = folder
        var isUp = false
        defer { if !isUp { Self.remove(folder) } }
        certificate = "\(folder)/cert.pem"
        let key = "\(folder)/key.pem"
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        let subject = [
            "-subj", "/CN=ingest-bench test", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2",
        ]
        let making = try Self.start(
            ["openssl", "req", "-x509", "-keyout", key, "-out", certificate] + curve + subject,
            output: -1
        )
        waitpid(making, nil, 0)
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw PlanError.noFiles }
        defer { close(ends[0]) }
        process = try Self.start(
            ["python3", "-c", Self.script, certificate, key, version.rawValue],
            output: ends[1]
        )
        close(ends[1])
        var line = [UInt8](repeating: 0, count: 16)
        let count = read(ends[0], &line, line.count)
        let text = String(decoding: line.prefix(max(0, count)), as: UTF8.self)
        guard let port = Int(text.prefix { $0.isNumber }) else {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
            throw PlanError.noFiles
        }
        self.port = port
        isUp = true
    }

    /// The URL of an upload.
    var url: String { "https://127.0.0.1:\(port)/upload" }

    /// Ends the server and removes its files.
    func stop() {
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
        Self.remove(folder)
    }

    private static func remove(_ folder: String) {
        for name in ["cert.pem", "key.pem"] { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    /// Starts a program, found on the path, whose output goes to a descriptor; -1 throws it away.
    private static func start(_ arguments: [String], output: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        if output < 0 {
            posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        } else {
            posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        }
        var pointers = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var process = pid_t()
        let result = posix_spawnp(&process, arguments[0], &actions, nil, &pointers, environ)
        guard result == 0 else { throw CurlError.system(call: "posix_spawnp", number: result) }
        return process
    }
}
