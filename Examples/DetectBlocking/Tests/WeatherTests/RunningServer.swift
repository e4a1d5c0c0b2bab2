import Foundation
import Hummingbird
import Weather

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The service on a free port, for as long as one request takes.
enum RunningServer {
    /// Asks the service for one page.
    ///
    /// - Parameter path: The page.
    /// - Returns: The answer.
    /// - Throws: What went wrong with the service or the request.
    static func get(_ path: String) async throws -> String {
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let server = WeatherServer.application(port: 0) { continuation.yield($0) }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { continuation.finish() }
                try await server.run()
            }
            defer { group.cancelAll() }
            for await port in ports {
                guard let url = URL(string: "http://127.0.0.1:\(port)/\(path)") else { break }
                let (data, _) = try await URLSession.shared.data(from: url)
                return String(decoding: data, as: UTF8.self)
            }
            throw URLError(.cannotConnectToHost)
        }
    }
}
