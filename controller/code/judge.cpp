// SPDX-License-Identifier: Apache-2.0
// The half that asks. Files are grouped by the interpreter that would use them; each group goes, in
// portions that fit on a command line, to the first program that turns out to be that interpreter.
// Where the interpreter dies over a file, that file is broken, and the rest is asked again.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <csignal>
#include <optional>
#include <set>
#include <utility>

#include "controller/base/digest.hpp"
#include "controller/base/task_group.hpp"
#include "controller/code/bytecode.hpp"
#include "controller/code/bytecode_script.hpp"
#include "controller/code/interpreter.hpp"

namespace trueup::code {
namespace {

// Of one exec: what is judged in a second or two. Linux allows 128 KiB a word.
constexpr std::size_t portion_bytes = 32U << 10U;
constexpr std::size_t answer_limit = 1U << 20U;
constexpr int deaths_allowed = 8;
// The script ends by itself before that.
constexpr Milliseconds answer_time{30'000};
// Nothing more is asked where an interpreter died and so much time is over: others wait to be looked at.
constexpr std::chrono::seconds patience{30};

// The engine, or the task, cannot go on.
bool is_of_the_engine(const Error& error) {
    return error.code() == Errc::cancelled || error.code() == Errc::timeout ||
           error.code() == Errc::unavailable;
}

// No verdict of any file: also where the container does not run, or is gone.
bool ends_it(const Error& error) {
    return is_of_the_engine(error) || error.code() == Errc::conflict ||
           error.code() == Errc::not_found;
}

boost::asio::awaitable<void> read_answer_into(std::optional<Result<engine::ExecResult>>& answer,
                                              engine::Engine& engine, std::string container_id,
                                              engine::ExecRequest request) {
    auto output = co_await engine.read_from_container(std::move(container_id), std::move(request),
                                                      answer_limit);
    answer.emplace(std::move(output));
}

boost::asio::awaitable<void> close_after(Milliseconds time, TaskGroup& group) {
    const auto slept = co_await base::sleep_for(time);
    if (slept) group.close();
}

// Nothing when it does not come in time: a program of a container may be anything.
Task<std::optional<engine::ExecResult>> ask_in_time(engine::Engine& engine,
                                                    std::string container_id,
                                                    engine::ExecRequest request) {
    const auto executor = co_await boost::asio::this_coro::executor;
    std::optional<Result<engine::ExecResult>> answer;
    TaskGroup asking(executor);
    TaskGroup timing(executor);
    asking.spawn("bytecode question",
                 read_answer_into(answer, engine, std::move(container_id), std::move(request)));
    timing.spawn("bytecode deadline", close_after(answer_time, asking));
    co_await asking.wait();
    timing.close();
    co_await timing.wait();
    const bool cancelled = co_await base::is_cancelled();
    if (cancelled || !answer)
        co_return Error(Errc::cancelled, "cancelled while bytecode was judged");
    if (*answer) co_return std::optional<engine::ExecResult>(std::move(**answer));
    if (answer->error().code() != Errc::cancelled) co_return answer->error();
    co_return std::optional<engine::ExecResult>();
}

class Judge {
public:
    // own: the programs that may be what the container itself is run by; nothing: to be found.
    Judge(engine::Engine& engine, std::string container_id, std::string place,
          std::vector<BytecodeFile> files, Verdicts& known,
          std::optional<model::Strings> own = std::nullopt)
        : engine_(engine),
          container_id_(std::move(container_id)),
          place_(std::move(place)),
          files_(std::move(files)),
          known_(known),
          own_(std::move(own)),
          verdicts_(files_.size(), Verdict::unproven) {}

    Task<std::vector<Verdict>> run() {
        std::set<std::string> tags;
        for (const BytecodeFile& file : files_) tags.insert(file.tag);
        for (const std::string& tag : tags) {
            const auto judged = co_await judge_group(tag);
            if (!judged) co_return judged.error();
            if (is_late_) break;
        }
        co_return std::move(verdicts_);
    }

private:
    Task<void> judge_group(std::string tag) {
        std::vector<std::size_t> group;
        for (std::size_t at = 0; at < files_.size(); ++at) {
            // Nobody reads through a linked __pycache__.
            if (files_[at].tag == tag && files_[at].path.ends_with(".pyc")) group.push_back(at);
        }
        if (known_.interpreter(place_, tag) == nullptr) {
            const auto found = co_await find_interpreter(tag);
            if (!found) co_return found.error();
        }
        const Verdicts::Interpreter* interpreter = known_.interpreter(place_, tag);
        if (interpreter == nullptr) co_return Result<void>();
        if (interpreter->identity.empty()) {
            // An interpreter of another tag has no use for them.
            for (const std::size_t at : group) verdicts_[at] = Verdict::unused;
            co_return Result<void>();
        }
        const std::string program = interpreter->program;
        const std::string identity = interpreter->identity;
        const bool is_own = interpreter->own;
        std::vector<std::size_t> pending;
        for (const std::size_t at : group) {
            const Verdict* verdict = known_.find(files_[at], identity);
            if (verdict == nullptr)
                pending.push_back(at);
            else
                verdicts_[at] = *verdict;
        }
        const auto asked = co_await ask_in_portions(program, identity, std::move(pending));
        if (!asked) co_return asked.error();
        if (!is_own && tag.empty()) doubt_unused(group);
        co_return Result<void>();
    }

    // Any interpreter may load them, and the one that said so is not the container's own.
    void doubt_unused(const std::vector<std::size_t>& group) {
        for (const std::size_t at : group) {
            if (verdicts_[at] == Verdict::unused) verdicts_[at] = Verdict::unproven;
        }
    }

    Task<void> find_own() {
        if (own_) co_return Result<void>();
        auto found = co_await interpreters_of_container(engine_, container_id_);
        if (!found) co_return found.error();
        own_ = std::move(*found);
        co_return Result<void>();
    }

    // Remembers it. Not where none answers: a container may come to its own later.
    Task<void> find_interpreter(std::string tag) {
        const auto found = co_await find_own();
        if (!found) co_return found.error();
        model::Strings programs = *own_;
        for (std::string& program : interpreter_programs(tag)) {
            if (std::find(own_->begin(), own_->end(), program) == own_->end())
                programs.push_back(std::move(program));
        }
        Verdicts::Interpreter interpreter;
        for (std::size_t at = 0; at < programs.size(); ++at) {
            const bool is_own = at < own_->size();
            const std::string program = programs[at];
            std::vector<std::size_t> none;
            const auto output = co_await ask(program, std::move(none));
            if (!output) {
                if (ends_it(output.error())) co_return output.error();
                if (is_late_) co_return Result<void>();
                continue;
            }
            const auto answer = read_answer(output->output);
            if (!answer) continue;
            if (!tag.empty() && answer->tag != tag) {
                interpreter.others = interpreter.others || is_own;
                continue;
            }
            interpreter.own = is_own;
            interpreter.program = program;
            interpreter.identity = answer->identity;
            break;
        }
        if (interpreter.others || !interpreter.identity.empty())
            known_.put_interpreter(place_, tag, std::move(interpreter));
        co_return Result<void>();
    }

    Task<void> ask_in_portions(std::string program, std::string identity,
                               std::vector<std::size_t> pending) {
        int deaths = 0;
        std::size_t next = 0;
        const auto began = std::chrono::steady_clock::now();
        while (next < pending.size() && deaths < deaths_allowed) {
            std::vector<std::size_t> portion = portion_from(pending, next);
            const std::size_t asked = portion.size();
            const auto output = co_await ask(program, std::move(portion));
            if (!output && ends_it(output.error())) co_return output.error();
            if (!output) co_return Result<void>();
            const auto answer = read_answer(output->output);
            if (!answer || answer->identity != identity) co_return Result<void>();
            const std::size_t told = std::min(answer->verdicts.size(), asked);
            for (std::size_t at = 0; at < told; ++at)
                settle(pending[next + at], identity, answer->verdicts[at]);
            next += told;
            if (told == asked) continue;
            ++deaths;
            settle(pending[next], identity, verdict_of_death(output->exit_code));
            ++next;
            if (std::chrono::steady_clock::now() - began > patience) co_return Result<void>();
        }
        co_return Result<void>();
    }

    static Verdict verdict_of_death(int exit_code) {
        constexpr int by_signal = 128;
        switch (exit_code - by_signal) {
            case SIGSEGV:
            case SIGABRT:
            case SIGBUS: return Verdict::broken;
            case SIGPROF: return Verdict::endless;
            default: return Verdict::unproven;    // the alarm's, or somebody's
        }
    }

    void settle(std::size_t file, const std::string& identity, Verdict verdict) {
        verdicts_[file] = verdict;
        known_.put(files_[file], identity, verdict);
    }

    std::vector<std::size_t> portion_from(const std::vector<std::size_t>& pending,
                                          std::size_t from) const {
        std::vector<std::size_t> portion;
        std::size_t bytes = 0;
        for (std::size_t at = from; at < pending.size(); ++at) {
            const BytecodeFile& file = files_[pending[at]];
            bytes += 2 * (file.path.size() + file.source.size()) + 96;
            if (!portion.empty() && bytes > portion_bytes) break;
            portion.push_back(pending[at]);
        }
        return portion;
    }

    Task<engine::ExecResult> ask(std::string program, std::vector<std::size_t> portion) {
        engine::ExecRequest request;
        request.command = interpreter_command(program, bytecode_script);
        // Whoever the application runs as, every file is to be read.
        request.user = "0";
        for (const std::size_t at : portion) {
            request.command.push_back(base::to_hex(files_[at].path));
            request.command.push_back(base::to_hex(files_[at].source));
            request.command.push_back(files_[at].optimization);
            const bool known = files_[at].reproducible;
            request.command.push_back(known ? files_[at].object_id : std::string());
            request.command.push_back(known ? files_[at].source_id : std::string());
        }
        auto output = co_await ask_in_time(engine_, container_id_, std::move(request));
        if (!output) co_return output.error();
        if (*output) co_return std::move(**output);
        is_late_ = true;
        co_return Error(Errc::invalid, "the interpreter does not answer");
    }

    engine::Engine& engine_;
    std::string container_id_;
    std::string place_;
    std::vector<BytecodeFile> files_;
    Verdicts& known_;
    std::optional<model::Strings> own_;
    std::vector<Verdict> verdicts_;
    bool is_late_ = false;
};

}    // namespace

model::Strings interpreter_command(const std::string& program, std::string_view script) {
    return {program, "-I", "-S", "-B", "-W", "ignore", "-c", std::string(script)};
}

Task<std::vector<Verdict>> judge_container(engine::Engine& engine, std::string container_id,
                                           std::string place, std::vector<BytecodeFile> files,
                                           Verdicts& verdicts, std::optional<model::Strings> own) {
    Judge judge(engine, std::move(container_id), std::move(place), std::move(files), verdicts,
                std::move(own));
    co_return co_await judge.run();
}

}    // namespace trueup::code
