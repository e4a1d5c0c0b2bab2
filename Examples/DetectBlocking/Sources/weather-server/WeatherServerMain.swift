import LoopWatch
import Weather

/// Serves the weather on port 8080, and says on standard output what blocks it.
@main
enum WeatherServerMain {
    static func main() async throws {
        var configuration = BlockDetector.Configuration()
        configuration.onBlock = { block in
            let place = block.blame.map { "\($0.function ?? "?") line \($0.line ?? 0)" }
            print("\(block.thread) was blocked for \(block.blocked) in \(place ?? "an unknown place")")
        }
        let detector = try await BlockDetector.start(configuration)
        try await WeatherServer.application(port: 8080).runService()
        print(await detector.stop().text)
    }
}
