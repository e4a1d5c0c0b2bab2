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
    case notATime(flag: String, value: String)
    case tooManyOpenFiles(concurrency: Int, needed: Int, limit: Int, bothEnds: Bool, advised: Int)
    case tooFewPorts(concurrency: Int, address: String, available: Int, advised: Int)

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
        case .notATime(let flag, let value): "\(flag) \(value): expected a time above zero"
        case .tooManyOpenFiles(let concurrency, let needed, let limit, let bothEnds, _):
            "-c \(concurrency) needs \(needed) open files"
                + (bothEnds ? " (both ends are in this process)" : "") + "; the limit is \(limit)"
        case .tooFewPorts(let concurrency, let address, let available, _):
            "-c \(concurrency) needs \(concurrency) local ports to \(address); the system has \(available)"
        }
    }

    /// A time below a millisecond as it is typed after a flag.
    private static func flagText(_ time: Duration) -> String {
        let nanoseconds = time.nanoseconds
        return nanoseconds != 0 && nanoseconds.isMultiple(of: 1000)
            ? "\(nanoseconds / 1000)us" : "\(nanoseconds)ns"
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
        case .tooFewPorts(_, _, _, let advised): "use -c \(advised) or less"
        default: nil
        }
    }
}
