import CLoopProbe
import Foundation
import Testing

extension ShieldedCall {
    /// The calls that a test can let end by themselves.
    static let all = sleeps + waitsForFiles + waitsForSockets + waitsForSystemV + asynchronous

    /// Long enough for a capture to fall into it.
    private static let sleepMilliseconds = 300

    private static let sleeps = [
        ShieldedCall("nanosleep", gives: 0, finish: { _, _ in }) { _ in
            var requested = timespec(tv_sec: 0, tv_nsec: sleepMilliseconds * 1_000_000)
            return Int(nanosleep(&requested, nil))
        },
        ShieldedCall(
            "clock_nanosleep",
            gives: 0,
            finish: { _, _ in },
            isInterrupted: { result, _ in result == Int(EINTR) }
        ) { _ in
            var requested = timespec(tv_sec: 0, tv_nsec: sleepMilliseconds * 1_000_000)
            return Int(clock_nanosleep(CLOCK_MONOTONIC, 0, &requested, nil))
        },
        ShieldedCall("usleep", gives: 0, finish: { _, _ in }) { _ in
            Int(usleep(UInt32(sleepMilliseconds * 1000)))
        },
        ShieldedCall("sleep", gives: 0, finish: { _, _ in }, isInterrupted: { _, error in error == EINTR }) {
            _ in
            Int(sleep(1))
        },
    ]

    private static let waitsForFiles = [
        ShieldedCall("poll") { files in
            var watched = pollfd(fd: files.input, events: Int16(POLLIN), revents: 0)
            return Int(poll(&watched, 1, 60_000))
        },
        ShieldedCall("ppoll") { files in
            typealias Wait =
                @convention(c) (UnsafeMutableRawPointer, UInt, UnsafeRawPointer?, UnsafeRawPointer?) -> Int32
            var watched = pollfd(fd: files.input, events: Int16(POLLIN), revents: 0)
            return Int(DynamicSymbol.function("ppoll", as: Wait.self)(&watched, 1, nil, nil))
        },
        ShieldedCall("select") { files in
            var limit = timeval(tv_sec: 60, tv_usec: 0)
            var set = readSet(files.input)
            return Int(select(files.input + 1, &set, nil, nil, &limit))
        },
        ShieldedCall("pselect") { files in
            var limit = timespec(tv_sec: 60, tv_nsec: 0)
            var set = readSet(files.input)
            return Int(pselect(files.input + 1, &set, nil, nil, &limit, nil))
        },
        ShieldedCall("epoll_wait of a thread that is no loop") { files in
            typealias Create = @convention(c) (Int32) -> Int32
            typealias Control = @convention(c) (Int32, Int32, Int32, UnsafeMutableRawPointer) -> Int32
            typealias Wait = @convention(c) (Int32, UnsafeMutableRawPointer, Int32, Int32) -> Int32
            // The first 32 bits are the events; EPOLLIN is 1, and 1 adds.
            var events: [UInt32] = [1, 0, 0, 0]
            let file = DynamicSymbol.function("epoll_create1", as: Create.self)(0)
            _ = DynamicSymbol.function("epoll_ctl", as: Control.self)(file, 1, files.input, &events)
            let result = DynamicSymbol.function("epoll_wait", as: Wait.self)(file, &events, 1, 60_000)
            let errorNumber = errno
            close(file)
            errno = errorNumber
            return Int(result)
        },
    ]

    private static let waitsForSockets = [
        ShieldedCall("recv") { files in
            var byte: UInt8 = 0
            return recv(files.input, &byte, 1, 0)
        },
        ShieldedCall("recvfrom") { files in
            var byte: UInt8 = 0
            return recvfrom(files.input, &byte, 1, 0, nil, nil)
        },
        ShieldedCall("recvmsg") { files in
            var byte: UInt8 = 0
            return withUnsafeMutableBytes(of: &byte) { bytes in
                var vector = iovec(iov_base: bytes.baseAddress, iov_len: 1)
                return withUnsafeMutablePointer(to: &vector) { vector in
                    var message = msghdr()
                    message.msg_iov = vector
                    message.msg_iovlen = 1
                    return recvmsg(files.input, &message, 0)
                }
            }
        },
        ShieldedCall("accept", finish: { files, _ in _ = files.connect() }) { $0.accept() },
        ShieldedCall("accept4", finish: { files, _ in _ = files.connect() }) { files in
            typealias Accept = @convention(c) (Int32, UnsafeRawPointer?, UnsafeRawPointer?, Int32) -> Int32
            let file = DynamicSymbol.function("accept4", as: Accept.self)(files.listener, nil, nil, 0)
            guard file >= 0 else { return Int(file) }
            close(file)
            return 1
        },
        ShieldedCall("connect", gives: 0, finish: { files, _ in _ = files.accept() }) { files in
            var result = 0
            _ = files.connect {
                errno = Outcome.untouched
                result = files.connect()
            }
            return result
        },
        ShieldedCall("sendto", gives: 1, finish: { files, _ in drain(files.output) }) { files in
            fill(files.input)
            return sendto(files.input, "x", 1, 0, nil, 0)
        },
        ShieldedCall("sendmsg", gives: 1, finish: { files, _ in drain(files.output) }) { files in
            fill(files.input)
            var byte: UInt8 = 0
            return withUnsafeMutableBytes(of: &byte) { bytes in
                var vector = iovec(iov_base: bytes.baseAddress, iov_len: 1)
                return withUnsafeMutablePointer(to: &vector) { vector in
                    var message = msghdr()
                    message.msg_iov = vector
                    message.msg_iovlen = 1
                    return sendmsg(files.input, &message, 0)
                }
            }
        },
        ShieldedCall("send", gives: 1, finish: { files, _ in drain(files.output) }) { files in
            fill(files.input)
            return send(files.input, "x", 1, 0)
        },
    ]

    private static let waitsForSystemV = [
        ShieldedCall("semop", gives: 0, finish: { files, _ in files.raiseSemaphore() }) { $0.change(by: -1) },
        ShieldedCall("semtimedop", gives: 0, finish: { files, _ in files.raiseSemaphore() }) {
            $0.awaitSemaphore()
        },
        ShieldedCall("msgrcv", gives: 0, finish: { files, _ in files.send() }) { $0.receive() },
        ShieldedCall("msgsnd", gives: 0, finish: { files, _ in _ = files.receive() }) { files in
            while files.send(size: 4096, waits: false) == 0 {}
            errno = Outcome.untouched
            return files.send(size: 4096)
        },
        ShieldedCall(
            "sigtimedwait",
            gives: Int(SIGUSR2),
            finish: { _, thread in _ = pthread_kill(thread.handle, SIGUSR2) }
        ) { _ in
            var set = sigset_t()
            sigemptyset(&set)
            sigaddset(&set, SIGUSR2)
            pthread_sigmask(SIG_BLOCK, &set, nil)
            var limit = timespec(tv_sec: 60, tv_nsec: 0)
            return Int(sigtimedwait(&set, nil, &limit))
        },
        ShieldedCall(
            "sigwaitinfo",
            gives: Int(SIGUSR2),
            finish: { _, thread in _ = pthread_kill(thread.handle, SIGUSR2) }
        ) { _ in
            var set = sigset_t()
            sigemptyset(&set)
            sigaddset(&set, SIGUSR2)
            pthread_sigmask(SIG_BLOCK, &set, nil)
            return Int(sigwaitinfo(&set, nil))
        },
    ]

    /// Libaio's wait for reads and writes, which returns its failure.
    private static let asynchronous = [
        ShieldedCall("io_getevents", isInterrupted: { result, _ in result == -Int(EINTR) }) { files in
            var context: UInt = 0
            guard systemCall(.setup, 1, address(of: &context)) == 0 else { return -1 }
            // struct iocb: a poll, 5, for input, 1, of the descriptor.
            var request: [UInt64] = [0, 0, 5 | UInt64(files.input) << 32, 1, 0, 0, 0, 0]
            var requests = [address(of: &request)]
            let submitted = systemCall(.submit, Int(context), 1, address(of: &requests))
            var events: [UInt64] = [0, 0, 0, 0]
            var limit = timespec(tv_sec: 60, tv_nsec: 0)
            errno = Outcome.untouched
            let result = submitted == 1 ? Int(getEvents(context, 1, 1, &events, &limit)) : -1
            let errorNumber = errno
            _ = systemCall(.destroy, Int(context))
            errno = errorNumber
            return result
        }
    ]

    /// Numbers of system calls that no library here wraps.
    private enum AsynchronousCall {
        case setup, submit, destroy

        var number: Int {
            #if arch(x86_64)
            switch self {
            case .setup: 206
            case .submit: 209
            case .destroy: 207
            }
            #else
            switch self {
            case .setup: 0
            case .submit: 2
            case .destroy: 1
            }
            #endif
        }
    }

    private static func systemCall(_ call: AsynchronousCall, _ a: Int, _ b: Int = 0, _ c: Int = 0) -> Int {
        typealias Call = @convention(c) (Int, Int, Int, Int) -> Int
        return DynamicSymbol.function("syscall", as: Call.self)(call.number, a, b, c)
    }

    private static func address(of pointer: UnsafeMutableRawPointer) -> Int { Int(bitPattern: pointer) }

    /// The calls that end by another signal and never by themselves.
    static let endedBySignalsOnly = [
        ShieldedCall("pause") { _ in Int(pause()) },
        ShieldedCall("sigsuspend") { _ in
            var mask = sigset_t()
            sigemptyset(&mask)
            return Int(sigsuspend(&mask))
        },
    ]

    private static func readSet(_ file: Int32) -> fd_set {
        var set = fd_set()
        withUnsafeMutableBytes(of: &set) { $0[Int(file) / 8] = 1 << UInt8(file % 8) }
        return set
    }

    private static func fill(_ file: Int32) {
        let bytes = [UInt8](repeating: 0, count: 65536)
        while send(file, bytes, bytes.count, Int32(MSG_DONTWAIT)) > 0 {}
        errno = Outcome.untouched
    }

    private static func drain(_ file: Int32) {
        var bytes = [UInt8](repeating: 0, count: 65536)
        while recv(file, &bytes, bytes.count, Int32(MSG_DONTWAIT)) > 0 {}
    }
}

/// The probe's function, which no header has and no shared library of this process asks for.
@_silgen_name("io_getevents")
private func getEvents(
    _ context: UInt,
    _ least: Int,
    _ most: Int,
    _ events: UnsafeMutableRawPointer,
    _ limit: UnsafeMutablePointer<timespec>
) -> Int32
