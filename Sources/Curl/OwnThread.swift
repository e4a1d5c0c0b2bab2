import CCurl
import Glibc

/// A thread that runs one function and ends; its waits end on time.
package struct OwnThread: @unchecked Sendable {
    // A thread's name for itself may be used from every thread; it is joined at most once, by its owner.
    private let thread: pthread_t

    private final class Start {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Starts a thread.
    ///
    /// The corresponding C function is `pthread_create`.
    ///
    /// - Parameters:
    ///   - name: What debuggers and `top` call it; at most 15 bytes.
    ///   - body: What it does.
    /// - Throws: ``CurlError/system(call:number:)`` if the kernel has no thread left.
    package init(name: String, body: @escaping @Sendable () -> Void) throws(CurlError) {
        var made = pthread_t()
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        let result = pthread_create(
            &made,
            nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                ccurl_name_this_thread(start.name)
                ccurl_wake_this_thread_on_time()
                start.body()
                return nil
            },
            start.toOpaque()
        )
        guard result == 0 else {
            start.release()
            throw .system(call: "pthread_create", number: result)
        }
        thread = made
    }

    /// Waits until the thread has ended.
    ///
    /// The corresponding C function is `pthread_join`; call it once.
    package func join() {
        pthread_join(thread, nil)
    }
}
