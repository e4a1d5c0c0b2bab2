import CLoopProbe
import Dispatch
import Foundation
import Testing

/// One call on a watched thread, and what strict mode says of it.
struct StrictCall: Sendable, CustomTestStringConvertible {
    let name: String
    /// What is told, beginning with the innermost name; nil if nothing is.
    let told: String?
    /// What the call gives.
    let expected: Int
    /// Makes ready; what the call takes.
    let run: @Sendable (StrictFiles) -> Int

    var testDescription: String { name }

    init(
        _ name: String,
        tells told: String?,
        gives expected: Int = 0,
        _ run: @escaping @Sendable (StrictFiles) -> Int
    ) {
        self.name = name
        self.told = told
        self.expected = expected
        self.run = run
    }

    init(_ name: String, gives expected: Int = 0, _ run: @escaping @Sendable (StrictFiles) -> Int) {
        self.init(name, tells: name, gives: expected, run)
    }
}

/// Descriptors of each kind, made by a thread that isn't watched.
final class StrictFiles: Sendable {
    /// A pipe that holds some bytes.
    let pipe: [Int32]
    /// Two ends of a connection; the first can be read.
    let sockets: [Int32]
    let folder: String
    let file: Int32

    var path: String { folder + "/file" }

    init() {
        var ends: [Int32] = [-1, -1]
        Foundation.pipe(&ends)
        pipe = ends
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
        sockets = ends
        var template = Array("/tmp/strict-XXXXXX".utf8CString)
        mkdtemp(&template)
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        file = open(folder + "/file", O_RDWR | O_CREAT, 0o600)
        for target in [pipe[1], sockets[1], file] { _ = write(target, "some bytes", 10) }
        lseek(file, 0, SEEK_SET)
    }

    deinit {
        for file in pipe + sockets + [file] { close(file) }
        unlink(path)
        rmdir(folder)
    }

    /// Makes calls on a descriptor fail instead of waiting.
    func refuseToWait(_ file: Int32) -> Int32 {
        _ = fcntl(file, F_SETFL, fcntl(file, F_GETFL) | O_NONBLOCK)
        return file
    }
}

extension StrictCall {
    private static func byte(_ body: (UnsafeMutableRawPointer) -> Int) -> Int {
        var byte: UInt8 = 0
        return withUnsafeMutableBytes(of: &byte) { bytes in bytes.baseAddress.map(body) ?? -1 }
    }

    /// A semaphore that lets one pass.
    ///
    /// It may not end lower than it began, so it begins at 0.
    static func raised() -> DispatchSemaphore {
        let semaphore = DispatchSemaphore(value: 0)
        semaphore.signal()
        return semaphore
    }

    private static let short = timespec(tv_sec: 0, tv_nsec: 1)

    /// Calls that may wait for others.
    static let calls = [
        StrictCall("usleep") { _ in Int(usleep(1)) },
        StrictCall("nanosleep") { _ in
            var time = short
            return Int(nanosleep(&time, nil))
        },
        StrictCall("clock_nanosleep") { _ in
            var time = short
            return Int(clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nil))
        },
        StrictCall("poll", gives: 1) { files in
            var watched = pollfd(fd: files.pipe[0], events: Int16(POLLIN), revents: 0)
            return Int(poll(&watched, 1, -1))
        },
        StrictCall("select") { _ in
            var time = timeval(tv_sec: 0, tv_usec: 1)
            return Int(select(0, nil, nil, nil, &time))
        },
        StrictCall("read of a pipe", tells: "read", gives: 1) { files in
            byte { read(files.pipe[0], $0, 1) }
        },
        StrictCall("read of a socket", tells: "read", gives: 1) { files in
            byte { read(files.sockets[0], $0, 1) }
        },
        StrictCall("readv", gives: 1) { files in
            byte { bytes in
                var part = iovec(iov_base: bytes, iov_len: 1)
                return readv(files.pipe[0], &part, 1)
            }
        },
        StrictCall("write of a pipe", tells: "write", gives: 1) { write($0.pipe[1], "x", 1) },
        StrictCall("recv", gives: 1) { files in byte { recv(files.sockets[0], $0, 1, 0) } },
        StrictCall("send", gives: 1) { send($0.sockets[1], "x", 1, 0) },
        StrictCall("pthread_join") { _ in
            var thread = pthread_t()
            pthread_create(&thread, nil, { _ in nil }, nil)
            return Int(pthread_join(thread, nil))
        },
        StrictCall("pthread_cond_timedwait", gives: Int(ETIMEDOUT)) { _ in
            var (mutex, condition, deadline) = (pthread_mutex_t(), pthread_cond_t(), short)
            pthread_mutex_init(&mutex, nil)
            pthread_cond_init(&condition, nil)
            pthread_mutex_lock(&mutex)
            let result = pthread_cond_timedwait(&condition, &mutex, &deadline)
            pthread_mutex_unlock(&mutex)
            return Int(result)
        },
        StrictCall("sem_wait") { _ in
            var semaphore = sem_t()
            sem_init(&semaphore, 0, 1)
            return Int(sem_wait(&semaphore))
        },
        StrictCall("dispatch_semaphore_wait") { _ in
            raised().wait()
            return 0
        },
        StrictCall("dispatch_group_wait") { _ in
            DispatchGroup().wait()
            return 0
        },
        StrictCall("waitpid", gives: -1) { _ in
            // No process of this number can be ours.
            defer { errno = Outcome.untouched }
            return Int(waitpid(1, nil, 0))
        },
        StrictCall("flock") { Int(flock($0.file, LOCK_EX)) },
        StrictCall("getaddrinfo") { _ in
            var found: UnsafeMutablePointer<addrinfo>?
            defer {
                freeaddrinfo(found)
                errno = Outcome.untouched
            }
            // Found in the file of hosts: nobody is asked.
            return Int(getaddrinfo("localhost", nil, nil, &found))
        },
        StrictCall("epoll_wait of a job", tells: "epoll_wait") { _ in
            typealias Create = @convention(c) (Int32) -> Int32
            typealias Wait = @convention(c) (Int32, UnsafeMutableRawPointer, Int32, Int32) -> Int32
            let file = DynamicSymbol.function("epoll_create1", as: Create.self)(0)
            var events: [UInt32] = [0, 0, 0, 0]
            defer { close(file) }
            return Int(DynamicSymbol.function("epoll_wait", as: Wait.self)(file, &events, 1, 1))
        },
    ]

    /// Calls on files.
    static let files = [
        StrictCall("open") { files in
            let file = open(files.path, O_RDONLY)
            close(file)
            return file < 0 ? -1 : 0
        },
        StrictCall("openat") { files in
            let file = openat(AT_FDCWD, files.path, O_RDONLY)
            close(file)
            return file < 0 ? -1 : 0
        },
        StrictCall("read of a file", tells: "read", gives: 1) { files in byte { read(files.file, $0, 1) } },
        StrictCall("pread", gives: 1) { files in byte { pread(files.file, $0, 1, 0) } },
        StrictCall("write of a file", tells: "write", gives: 1) { write($0.file, "x", 1) },
        StrictCall("fsync") { Int(fsync($0.file)) },
        StrictCall("fdatasync") { Int(fdatasync($0.file)) },
        StrictCall("rename") { Int(rename($0.path, $0.path)) },
    ]

    /// Calls that don't wait as they are made.
    static let harmless = [
        StrictCall("usleep of nothing", tells: nil) { _ in Int(usleep(0)) },
        StrictCall("poll without time", tells: nil, gives: 1) { files in
            var watched = pollfd(fd: files.pipe[0], events: Int16(POLLIN), revents: 0)
            return Int(poll(&watched, 1, 0))
        },
        StrictCall("read that would rather fail", tells: nil, gives: 1) { files in
            byte { read(files.refuseToWait(files.pipe[0]), $0, 1) }
        },
        StrictCall("send that would rather fail", tells: nil, gives: 1) { files in
            send(files.refuseToWait(files.sockets[1]), "x", 1, 0)
        },
        StrictCall("recv with MSG_DONTWAIT", tells: nil, gives: 1) { files in
            byte { recv(files.sockets[0], $0, 1, Int32(MSG_DONTWAIT)) }
        },
        StrictCall("read of a device", tells: nil, gives: 0) { _ in
            let null = open("/dev/null", O_RDONLY)
            defer { close(null) }
            return byte { read(null, $0, 1) }
        },
        StrictCall("dispatch_semaphore_wait without time", tells: nil) { _ in
            raised().wait(timeout: .now()) == .success ? 0 : 1
        },
        StrictCall("flock with LOCK_NB", tells: nil) { Int(flock($0.file, LOCK_EX | LOCK_NB)) },
        StrictCall("waitpid with WNOHANG", tells: nil, gives: -1) { _ in
            defer { errno = Outcome.untouched }
            return Int(waitpid(1, nil, WNOHANG))
        },
        StrictCall("getaddrinfo of figures", tells: nil) { _ in
            var hints = addrinfo()
            hints.ai_flags = AI_NUMERICHOST
            var found: UnsafeMutablePointer<addrinfo>?
            defer {
                freeaddrinfo(found)
                errno = Outcome.untouched
            }
            return Int(getaddrinfo("127.0.0.1", nil, &hints, &found))
        },
        StrictCall("getaddrinfo of figures without a hint", tells: nil) { _ in
            var found: UnsafeMutablePointer<addrinfo>?
            defer {
                freeaddrinfo(found)
                errno = Outcome.untouched
            }
            return Int(getaddrinfo("127.0.0.1", nil, nil, &found))
        },
        StrictCall("pthread_mutex_lock", tells: nil) { _ in
            var mutex = pthread_mutex_t()
            pthread_mutex_init(&mutex, nil)
            return Int(pthread_mutex_lock(&mutex))
        },
    ]
}
