public import Hummingbird

/// A web service with one route that blocks, and one that does the same work without blocking.
public enum WeatherServer {
    /// Makes the service.
    ///
    /// - Parameters:
    ///   - port: The port of this machine that it listens on; 0 for any that is free.
    ///   - isRunning: Told of the port, once it listens.
    /// - Returns: The service, to be run.
    public static func application(
        port: Int,
        isRunning: @escaping @Sendable (_ port: Int) -> Void = { _ in }
    ) -> some ApplicationProtocol {
        let router = Router()
        router.get("temperature/blocking") { _, _ in temperatureByBlocking() }
        router.get("temperature") { _, _ in "\(try await readSensorElsewhere()) degrees" }
        return Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { channel in isRunning(channel.localAddress?.port ?? 0) }
        )
    }

    /// Answers a request, and keeps everyone else waiting meanwhile.
    @inline(never)
    private static func temperatureByBlocking() -> String {
        "\(readSensor()) degrees"
    }
}
