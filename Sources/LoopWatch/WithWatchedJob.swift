import CLoopProbe

/// Runs a job of an executor of your own as one busy interval, which scopes and detectors see.
///
/// - Parameters:
///   - name: What reports call the job, up to 15 bytes.
///   - body: The job.
/// - Returns: What the body returned.
/// - Throws: What the body threw.
public func withWatchedJob<Result>(_ name: StaticString, _ body: () throws -> Result) rethrows -> Result {
    // Without a free slot the job runs unwatched.
    let isWatched = name.withUTF8Buffer { bytes in
        bytes.withMemoryRebound(to: CChar.self) { lp_register(UInt8(LP_JOB.rawValue), $0.baseAddress) >= 0 }
    }
    guard isWatched else { return try body() }
    lp_begin()
    defer { lp_end() }
    return try body()
}
