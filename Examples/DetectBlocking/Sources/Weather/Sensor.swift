import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Reads the thermometer by a driver that knows no other way than to keep its caller waiting.
@inline(never)
func readSensor() -> Int {
    usleep(200_000)
    return 21
}

/// Reads the thermometer on a thread that may wait.
func readSensorElsewhere() async throws -> Int {
    try await NIOThreadPool.singleton.runIfActive { readSensor() }
}
