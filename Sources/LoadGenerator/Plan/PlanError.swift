import Measurements

/// What is wrong with a plan; every case is found before anything is sent.
package enum PlanError: Error, Sendable, Equatable {
    case noSuchFile(path: String)
    case permissionDenied(path: String)
    case unreadable(path: String, reason: String)
    case emptyFile(path: String)
    case emptyFolder(path: String)
    case noFiles
    case noTargets
    case duplicateTarget(name: String)
    case invalidTargetName(text: String)
    case targetWithoutURL(text: String)
    case unknownScheme(target: String)
    case noHost(target: String)
    case invalidPort(target: String, port: String)
    case invalidCharacter(target: String)
    case invalidHeader(text: String)
    case reservedHeader(name: String)
    case invalidForm(text: String)
    case invalidStatuses(text: String)
    case invalidMethod(text: String)
    case invalidProbePath(path: String)
    case probeTooOften(path: String, interval: Duration)
    case notAWholeNumber(flag: String, value: String, least: Int, most: Int)
    case notATime(flag: String, time: Duration)
    case tooLong(flag: String, time: Duration)
    case notARate(flag: String, rate: Double)
    case rateTooHigh(flag: String, rate: Double)
    case arrivalsWithoutRate
    case countAndTime(requests: Int, flag: String)
    case together(String, String, reason: String)
    case sweepBeyondRequests(concurrency: Int, requests: Int)
    case moreThreadsThanUploads(threads: Int, concurrency: Int)
    case cleartextHTTP2(curlVersion: String)
    case tooManyOpenFiles(concurrency: Int, needed: Int, limit: Int, bothEnds: Bool, advised: Int)
    case tooFewPorts(concurrency: Int, needed: Int, address: String, available: Int, advised: Int)
    case invalidShard(text: String)
    case shardWithoutStart
    case startWithoutShard
    case startIsOver(seconds: Int64)
    case startTooFar
    case shardOfEmbedded
    case shardWithoutCap
    case tooManyShards(count: Int, threads: Int, concurrency: Int)

    /// One sentence on what is wrong, without a full stop.
    package var message: String {
        switch self {
        case .noSuchFile(let path): "\(path): no such file"
        case .permissionDenied(let path): "\(path): permission denied"
        case .unreadable(let path, let reason): "\(path): \(reason)"
        case .emptyFile(let path): "\(path) is empty: an upload needs at least one byte"
        case .emptyFolder(let path): "\(path.hasSuffix("/") ? path : path + "/") holds no regular files"
        case .noFiles: "there is no file to upload"
        case .noTargets: "there is no target to upload to"
        case .duplicateTarget(let name): "two targets are named \(name)"
        case .invalidTargetName(let text): "--target \(text): a name is 1 to 64 letters, digits, '_' or '-'"
        case .targetWithoutURL(let text): "--target \(text): expected NAME=URL"
        case .unknownScheme(let target): "--target \(target): the URL must begin with http:// or https://"
        case .noHost(let target): "--target \(target): the URL has no host"
        case .invalidPort(let target, let port):
            "--target \(target): port \(port) is not between 1 and 65535"
        case .invalidCharacter(let target):
            "--target \(target): the URL holds a blank or a control character"
        case .invalidHeader(let text): "--header \(text): expected 'Name: value' on one line"
        case .reservedHeader(let name): "--header \(name): this field is set by the upload itself"
        case .invalidForm(let text): "--form \(text): expected NAME=VALUE"
        case .invalidStatuses(let text): "--expect-status \(text): expected codes such as 200-299 or 200,409"
        case .invalidMethod(let text): "--method \(text): expected letters, such as POST or PUT"
        case .invalidProbePath(let path): "--probe \(path): expected a path that begins with /"
        case .probeTooOften(let path, let interval):
            "--probe \(path)@\(PlanError.flagText(interval)): expected an interval of at least 1ms"
        case .notAWholeNumber(let flag, let value, let least, let most):
            "\(flag) \(value): expected a whole number from \(least) to \(most)"
        case .notATime(let flag, let time): "\(flag) \(PlanError.flagText(time)): expected a time above zero"
        case .tooLong(let flag, let time): "\(flag) \(PlanError.flagText(time)): the most is a week"
        case .notARate(let flag, let rate): "\(flag) \(PlanError.flagText(rate)): expected a rate above zero"
        case .rateTooHigh(let flag, let rate): "\(flag) \(PlanError.flagText(rate)): the most is 1000000/s"
        case .arrivalsWithoutRate:
            "--arrivals needs --rate or --stages: without them an upload starts when one ends"
        case .countAndTime(let requests, let flag):
            "\(requests) uploads and \(flag): a round ends after one of them"
        case .together(let first, let second, let reason): "\(first) and \(second): \(reason)"
        case .sweepBeyondRequests(let concurrency, let requests):
            "-c \(concurrency) is more than the \(requests) uploads of a round"
        case .moreThreadsThanUploads(let threads, let concurrency):
            "--threads \(threads): more threads than the \(concurrency) uploads in flight"
        case .cleartextHTTP2(let version):
            "--http 2 needs https:// with libcurl \(version), "
                + "whose cleartext HTTP/2 fails on reused connections"
        case .tooManyOpenFiles(let concurrency, let needed, let limit, let bothEnds, _):
            "-c \(concurrency) needs \(needed) open files"
                + (bothEnds ? " (both ends are in this process)" : "") + "; the limit is \(limit)"
        case .tooFewPorts(let concurrency, let needed, let address, let available, _):
            "-c \(concurrency) needs \(needed) local ports to \(address); the system has \(available)"
        case .invalidShard(let text): "--shard \(text): expected I/N, the I-th of N shards, such as 2/4"
        case .shardWithoutStart: "--shard needs --start-at: all shards begin at one time"
        case .startWithoutShard: "--start-at needs --shard: a run by itself begins at once"
        case .startIsOver(let seconds): "--start-at: that time was \(seconds) s ago"
        case .startTooFar: "--start-at: that time is more than a day ahead"
        case .shardOfEmbedded: "--shard needs --target: each process would embed a server of its own"
        case .shardWithoutCap:
            "--shard with an open loop needs -c: by itself each machine's limit of open files is the cap"
        case .tooManyShards(let count, let threads, let concurrency):
            "--shard of \(count)\(threads > 1 ? " with \(threads) threads" : ""): "
                + "more parts than the \(concurrency) uploads in flight"
        }
    }

    /// A time as it is typed after a flag, in the largest unit that divides it.
    ///
    /// - Parameter time: The time.
    /// - Returns: Such as "30s".
    static func flagText(_ time: Duration) -> String {
        let nanoseconds = time.nanoseconds
        let units: [(name: String, size: Nanoseconds)] = [
            ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000),
        ]
        guard let unit = units.first(where: { nanoseconds.isMultiple(of: $0.size) }) else {
            return "\(nanoseconds)ns"
        }
        return "\(nanoseconds / unit.size)\(unit.name)"
    }

    /// A rate as it is typed after a flag.
    ///
    /// - Parameter rate: Arrivals a second.
    /// - Returns: Such as "200/s".
    static func flagText(_ rate: Double) -> String {
        let whole = Int64(exactly: rate).map { String($0) }
        return "\(whole ?? String(rate))/s"
    }

    /// Checks that a number lies in the range of its flag.
    ///
    /// - Parameters:
    ///   - flag: The flag.
    ///   - value: The number.
    ///   - range: What is allowed.
    /// - Throws: ``PlanError/notAWholeNumber(flag:value:least:most:)``.
    static func check(_ flag: String, _ value: Int, _ range: ClosedRange<Int>) throws(PlanError) {
        guard range.contains(value) else {
            throw .notAWholeNumber(
                flag: flag,
                value: "\(value)",
                least: range.lowerBound,
                most: range.upperBound
            )
        }
    }

    /// What to try, where there is something to try.
    package var hint: String? {
        switch self {
        case .noSuchFile(let path): "to make one: ingest-bench sample \(path)"
        case .emptyFolder: "hidden files and subfolders are not searched"
        case .unknownScheme, .targetWithoutURL:
            "for example --target async=http://127.0.0.1:8000/ingest/async"
        case .tooManyOpenFiles(_, _, _, _, let advised):
            "use -c \(advised) or less, or raise the hard limit: ulimit -Hn"
        case .countAndTime(let requests, let flag): "leave out \(flag), or the \(requests)"
        case .sweepBeyondRequests(let concurrency, _): "ask for more uploads, such as \(concurrency * 10)"
        case .moreThreadsThanUploads(_, let concurrency): "use --threads \(concurrency) or fewer"
        case .together(let first, let second, _): "leave out \(first) or \(second)"
        case .tooFewPorts(_, _, _, _, let advised): "use -c \(advised) or less"
        case .shardWithoutStart, .startIsOver, .startTooFar:
            "give all shards the same time, such as --start-at $(date -u -d '+1 minute' +%FT%TZ)"
        case .shardOfEmbedded: "start one for all: ingest-bench serve"
        case .tooManyShards(let count, let threads, _): "use -c \(count * threads) or more"
        default: nil
        }
    }
}
