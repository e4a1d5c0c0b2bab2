import Dispatch
import Foundation
import NIOCore
import NIOPosix

/// Blocks a loop much longer than any test allows, so that its stack is taken on the slowest of machines.
@inline(never) func readSlowly() -> UInt32 {
    sleep(1) + 1  // the line to blame
}

/// Has a loop do so.
func blockLoop() async throws {
    _ = try await MultiThreadedEventLoopGroup.singleton.next().submit { readSlowly() }.get()
}

/// Starts a task that finishes only when it is cancelled.
@inline(never) func leaveTask() {
    Task(name: "left-task") {  // the line that makes a task
        // Throws only when the task is cancelled, which is what it waits for.
        try? await Task.sleep(for: .seconds(3600))
    }
}

/// Starts a thread that runs as long as the program.
@inline(never) func leaveThread() {
    let isRunning = DispatchSemaphore(value: 0)
    let thread = Thread {
        isRunning.signal()
        DispatchSemaphore(value: 0).wait()
    }
    thread.start()  // the line that makes a thread
    isRunning.wait()
}
