import Foundation
import S3Wire

/// `s3-bench`: sends presigned requests to an S3 store from one thread, and says how many were answered a second.
@main
struct S3Bench {
    static func main() async {
        do {
            let options = try BenchOptions(Array(CommandLine.arguments.dropFirst()))
            let credentials = try S3Credentials.fromEnvironment(ProcessInfo.processInfo.environment)
            if options.reportsCosts {
                exit(try await Costs(options: options, credentials: credentials).report() ? 0 : 1)
            }
            if options.makesBucket {
                let bucket = PresignedRequests(options, credentials).bucket()
                _ = try await LoadLoop(options).send([bucket])
            }
            let requests = PresignedRequests(options, credentials).all()
            let result = try await LoadLoop(options).send(requests)
            print(result.line)
        } catch {
            FileHandle.standardError.write(Data("s3-bench: \(error)\n".utf8))
            exit(1)
        }
    }
}

/// What to send where.
struct BenchOptions: Sendable {
    var host = "127.0.0.1"
    var port = 9000
    var bucket = "bench"
    var method = "PUT"
    var prefix = "k"
    var first = 0
    var count = 10_000
    var size = 3000
    var connections = 32
    var makesBucket = false
    /// Tells what checksums, signatures and puts cost instead.
    var reportsCosts = false
    /// Lists instead: the query of one page.
    var list: String?

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let flag = rest.popFirst() {
            if flag == "--make-bucket" || flag == "--costs" {
                makesBucket = makesBucket || flag == "--make-bucket"
                reportsCosts = reportsCosts || flag == "--costs"
                continue
            }
            guard let value = rest.popFirst() else { throw BenchError(message: "\(flag) needs a value") }
            func number() throws -> Int {
                guard let number = Int(value), number >= 0 else {
                    throw BenchError(message: "\(flag) \(value): no number")
                }
                return number
            }
            switch flag {
            case "--host": host = value
            case "--port": port = try number()
            case "--bucket": bucket = value
            case "--method": method = value
            case "--prefix": prefix = value
            case "--first": first = try number()
            case "--count": count = try number()
            case "--size": size = try number()
            case "--connections": connections = try number()
            case "--list": list = value
            default: throw BenchError(message: "unknown option \(flag)")
            }
        }
    }
}

/// Why a benchmark can't go on.
struct BenchError: Error, CustomStringConvertible {
    let message: String
    var description: String { message }
}
