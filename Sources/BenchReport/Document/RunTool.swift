package import Measurements

extension RunDocument {
    /// The program that measured, and what it was built with.
    package struct Tool: Sendable, Equatable {
        package var name: String
        package var version: String
        /// The commit it was built from; nil where that is not known.
        package var commit: String?
        /// "release" or "debug".
        package var build: String
        package var swift: String
        package var curl: String
        package var cairo: String
        package var mupdf: String

        /// Names the program and its libraries.
        ///
        /// - Parameters:
        ///   - name: The program.
        ///   - version: Its version.
        ///   - commit: The commit it was built from.
        ///   - build: "release" or "debug".
        ///   - swift: The compiler's version.
        ///   - curl: The version of libcurl.
        ///   - cairo: The version of cairo.
        ///   - mupdf: The version of MuPDF.
        package init(
            name: String = "ingest-bench",
            version: String,
            commit: String?,
            build: String,
            swift: String,
            curl: String,
            cairo: String,
            mupdf: String
        ) {
            self.name = name
            self.version = version
            self.commit = commit
            self.build = build
            self.swift = swift
            self.curl = curl
            self.cairo = cairo
            self.mupdf = mupdf
        }
    }

    /// The machine that measured.
    package struct Environment: Sendable, Equatable {
        /// Which shard of a distributed run it carried, from 1.
        package var shard: Int
        /// The distribution, such as "Debian 12.11".
        package var os: String
        package var kernel: String
        package var arch: String
        package var cpu: String
        package var cores: Int
        package var memoryBytes: Int64
        /// The cores that a control group allows; nil without a limit.
        package var cpuQuota: Double?
        package var governor: String?
        package var virtualization: String?
        /// The one-minute load average before the run.
        package var loadBefore: Double
        /// Whether client and server shared the machine.
        package var sameHost: Bool
        /// The CPUs that the process was bound to; nil when free.
        package var affinity: String?

        /// Describes a machine.
        ///
        /// - Parameters:
        ///   - shard: Which shard of a distributed run it carried, from 1.
        ///   - os: The distribution.
        ///   - kernel: The kernel's version.
        ///   - arch: The architecture, such as "x86_64".
        ///   - cpu: The processor's name.
        ///   - cores: How many logical CPUs it has.
        ///   - memoryBytes: Its main memory.
        ///   - cpuQuota: The cores that a control group allows.
        ///   - governor: How the clock frequency is governed.
        ///   - virtualization: The hypervisor's name.
        ///   - loadBefore: The one-minute load average before the run.
        ///   - sameHost: Whether client and server shared the machine.
        ///   - affinity: The CPUs that the process was bound to.
        package init(
            shard: Int = 1,
            os: String,
            kernel: String,
            arch: String,
            cpu: String,
            cores: Int,
            memoryBytes: Int64,
            cpuQuota: Double? = nil,
            governor: String? = nil,
            virtualization: String? = nil,
            loadBefore: Double,
            sameHost: Bool,
            affinity: String? = nil
        ) {
            self.shard = shard
            self.os = os
            self.kernel = kernel
            self.arch = arch
            self.cpu = cpu
            self.cores = cores
            self.memoryBytes = memoryBytes
            self.cpuQuota = cpuQuota
            self.governor = governor
            self.virtualization = virtualization
            self.loadBefore = loadBefore
            self.sameHost = sameHost
            self.affinity = affinity
        }
    }

    /// One server address under measurement.
    package struct Target: Sendable, Equatable {
        package var name: String
        /// The address, secrets masked.
        package var url: String
        package var method: String
        /// Whether the others are compared with it.
        package var isBaseline: Bool
        /// The target this is a second measurement of, for the noise floor; nil for all others.
        package var selfComparisonOf: String?
        /// Whether it is the server inside this process.
        package var isEmbedded: Bool
        /// How fast it answered the probe before any upload; nil without a probe.
        package var idleProbe: ProbeBaseline?

        /// Describes a target; secrets in its address are masked.
        ///
        /// - Parameters:
        ///   - name: Its name.
        ///   - url: Its address.
        ///   - method: The HTTP method.
        ///   - isBaseline: Whether the others are compared with it.
        ///   - selfComparisonOf: The target this is a second measurement of.
        ///   - isEmbedded: Whether it is the server inside this process.
        ///   - idleProbe: How fast it answered the probe before any upload.
        package init(
            name: String,
            url: String,
            method: String = "POST",
            isBaseline: Bool,
            selfComparisonOf: String? = nil,
            isEmbedded: Bool,
            idleProbe: ProbeBaseline? = nil
        ) {
            self.idleProbe = idleProbe
            self.name = name
            self.url = SecretMask.masked(url: url)
            self.method = method
            self.isBaseline = isBaseline
            self.selfComparisonOf = selfComparisonOf
            self.isEmbedded = isEmbedded
        }
    }
}
