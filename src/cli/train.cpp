#include "train/train.h"

#include <unistd.h>

#include <csignal>

#include "cli/model_door.h"
#include "cli/torch_process.h"

namespace kiln {

namespace {

int run_training(const TrainRequest& request, const std::vector<std::string>& allow, Context& context) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pager must not cost a run
  context.product_is_file = true;
  TrainRequest at_terminal = request;
  at_terminal.terminal = isatty(STDOUT_FILENO) == 1;
  if (at_terminal.n_threads == 0) at_terminal.n_threads = default_threads();
  ModelDoor door(context, allow);
  at_terminal.host = door.host();
  train(
      at_terminal, [&] { return door.shared_torch(); }, context.out);
  return 0;
}

}  // namespace

Run declare_train(CLI::App& app) {
  auto request = std::make_shared<TrainRequest>();
  auto allow = std::make_shared<std::vector<std::string>>();
  request->n_threads = 0;  // until it is known whether --threads is given
  app.add_option("OPTIONS", request->options_file, "what to train on what data: options.yaml")
      ->required()
      ->option_text(" ");
  app.add_option("-o,--output", request->output, "where to write the trained model (default: model.kiln)")
      ->option_text("FILE");
  app.add_option("--restart", request->restart,
                 "go on from this checkpoint; auto: from the newest below outputs/ (default: from scratch)")
      ->option_text("FILE|auto");
  app.add_option("-r,--override", request->overrides, "replace one option, a.b=c; may be repeated")
      ->allow_extra_args(false)
      ->option_text("KEY=VALUE");
  app.add_option("--threads", request->n_threads, "threads of the torch engine (default: one per processor core)")
      ->check(CLI::Range(0, 4096))
      ->option_text("N");
  add_allow_option(app, *allow);
  add_error_format_option(app);
  return [request, allow](Context& context) { return run_training(*request, *allow, context); };
}

}  // namespace kiln
