// SPDX-License-Identifier: Apache-2.0
// How the files of running containers are read: at their processes where this host runs them, with
// notices of changes and without reading twice what did not change; else through the engine.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "controller/base/clock.hpp"
#include "controller/base/offload.hpp"
#include "controller/code/root_scan.hpp"
#include "controller/code/watch.hpp"
#include "controller/engine/engine.hpp"

namespace trueup::code {

// A container to read. pid: of its main process, 0 = it does not run.
struct Subject {
    std::string container_id;
    std::int64_t pid = 0;
    model::Strings data_folders{};    // in it: what lies there is not compared
};

class Readings {
public:
    explicit Readings(const Clock& clock) : clock_(clock) {}

    // From now on changes are noticed; with nullptr, as at first, they are looked for.
    void watch_with(CodeWatch* watch) { watch_ = watch; }

    // Every file below the expected directories.
    Task<FoundFiles> read(engine::Engine& engine, Pool& pool, Subject subject,
                          std::shared_ptr<const ExpectedCode> expected);

    // What a sweep is to do with a container that was read before.
    enum class Due : std::uint8_t {
        nothing,
        look,    // read it again
        ask      // it is read through the engine: ask the engine whether anything changed
    };
    Due due(const std::string& container_id) const;
    // The whole look, with what interpreters were asked, took so long.
    void note_time(const std::string& container_id, std::chrono::nanoseconds took);
    // A look that took so long came to nothing: it is due for another one after a rest.
    void look_again(const std::string& container_id, std::chrono::nanoseconds took);

    // Read here, and not all its folders are watched: a change there is found by looking from time to time.
    bool is_half_watched(const std::string& container_id) const;
    std::size_t half_watched() const;    // how many are

    void keep_only(const std::set<std::string>& container_ids);

private:
    struct OfContainer {
        bool here = false;                    // its process can be read
        std::shared_ptr<KnownFiles> known;    // nullptr while a scan has it
        SteadyTime looked;                    // when the last scan ended
        std::chrono::nanoseconds took{0};
        bool again = false;     // it came to nothing
        SteadyTime all_read;    // when it was last read without what was known
    };
    struct Scan;
    bool is_due_for_all(const OfContainer& container) const;

    const Clock& clock_;
    CodeWatch* watch_ = nullptr;
    std::map<std::string, OfContainer> containers_;
};

// compare_container() of a running one.
Task<Comparison> compare_running(engine::Engine& engine, Pool& pool, Readings& readings,
                                 Subject subject, std::shared_ptr<const ExpectedCode> expected,
                                 std::shared_ptr<const Manifest> manifest, Verdicts& verdicts,
                                 SystemTime now);

}    // namespace trueup::code
