import CLoopProbe
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A thread of our own: the watchdog must not wait for anyone's pool.
final class WatchThread: Sendable {
    /// Carried to ``join()`` alone, by whoever joins first, which makes this safe.
    private struct Handle: @unchecked Sendable {
        let thread: pthread_t
    }

    private final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    private let handle: Mutex<Handle?>

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - name: What the system calls it, 15 bytes at the most.
    ///   - body: What it does.
    ///
    /// Nil if the system has no thread left.
    init?(name: String, _ body: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Body(name: name, run: body))
        #if canImport(Glibc)
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, WatchThread.main, box.toOpaque())
        let made: pthread_t? = thread
        #else
        var made: pthread_t?
        let code = pthread_create(&made, nil, { WatchThread.main($0) }, box.toOpaque())
        #endif
        guard code == 0, let made else {
            box.release()
            return nil
        }
        handle = Mutex(Handle(thread: made))
    }

    /// Waits for its end; a second call does nothing.
    func join() {
        let handle = handle.withLock { handle in
            defer { handle = nil }
            return handle
        }
        if let handle { pthread_join(handle.thread, nil) }
    }

    #if canImport(Glibc)
    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { box in
        guard let box else { return nil }
        let body = Unmanaged<Body>.fromOpaque(box).takeRetainedValue()
        lp_name_thread(body.name)
        body.run()
        return nil
    }
    #else
    /// Darwin's pointer is never nil, Musl's may be.
    private static func main(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let box else { return nil }
        let body = Unmanaged<Body>.fromOpaque(box).takeRetainedValue()
        lp_name_thread(body.name)
        body.run()
        return nil
    }
    #endif
}
