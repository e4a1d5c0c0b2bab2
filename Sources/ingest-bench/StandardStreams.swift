import BenchReport
import Foundation

/// Standard output that takes no more, although somebody waits for it.
struct OutputError: UserFacingError {
    /// What the system said, such as "No space left on device".
    let reason: String
    var message: String { "standard output: \(reason.prefix(1).lowercased() + reason.dropFirst())" }
    let hint: String? = nil
    var exitStatus: ExitStatus { .failed }
}

/// Gives standard input, output and error that were closed to nothing.
///
/// Else the next file that is opened would have their number, and a report would be written into run.json.
func occupyStandardDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
        // The lowest free number is the one that is missing.
        _ = open("/dev/null", O_RDWR)
    }
}

/// Writes text to standard error, all of it; in ASCII where the locale has no more; a failure is no error.
func writeToStandardError(_ text: String) {
    // Nobody is left who could be told.
    _ = write(text, to: STDERR_FILENO)
}

/// Writes text to standard output, all of it; in ASCII where the locale has no more.
///
/// - Parameter text: The text.
/// - Throws: ``OutputError``; not for a reader that went away.
func writeToStandardOutput(_ text: String) throws(OutputError) {
    try check(write(text, to: STDOUT_FILENO))
}

/// Writes a file to standard output piece by piece, byte by byte as it is.
///
/// - Parameter path: The file.
/// - Throws: What Foundation throws when it can't be read, ``OutputError`` when it can't be written.
func writeToStandardOutput(fileAt path: String) throws {
    let file = try FileHandle(forReadingFrom: URL(filePath: path))
    while let piece = try file.read(upToCount: 1 << 16), !piece.isEmpty {
        try check(piece.withUnsafeBytes { write($0, to: STDOUT_FILENO) })
    }
}

/// Throws what a write ended with; a reader that went away, or never was, is no error.
private func check(_ code: Int32) throws(OutputError) {
    guard code != 0, code != EPIPE, code != EBADF else { return }
    throw OutputError(reason: String(cString: strerror(code)))
}

private func write(_ text: String, to descriptor: Int32) -> Int32 {
    let isUnicode = TerminalStyle.isUnicode(ProcessInfo.processInfo.environment)
    var text = isUnicode ? text : TerminalStyle.ascii(text)
    return text.withUTF8 { write(UnsafeRawBufferPointer($0), to: descriptor) }
}

/// Writes bytes; returns 0, or the error's number.
private func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
    var rest = bytes
    while let base = rest.baseAddress, !rest.isEmpty {
        let count = Glibc.write(descriptor, base, rest.count)
        if count < 0 && errno == EINTR { continue }
        if count < 0 && errno == EAGAIN {
            // Whoever shares the pipe made it non-blocking.
            var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            poll(&wait, 1, -1)
            continue
        }
        guard count > 0 else { return errno }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }
    return 0
}
