//! The checks of a declaration that are made before anything is started.

use super::Spec;
use crate::error::{Error, ErrorKind, Fault, Refusal, Step};
use crate::secret::HIDDEN;
use crate::shared::command_line;

impl Spec {
    /// Returns the error of a declaration that cannot be started.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if let Some(errno) = self.data_failed {
            let operand = self.program_text();
            return Err(self.error(ErrorKind::Start { step: Step::Data, operand, source: errno.into() }));
        }
        match self.refused.as_ref().or(self.args.refused()) {
            None => self.examine_args().map_or(Ok(()), |refusal| Err(self.refused_error(&refusal))),
            Some(refusal) => Err(self.refused_error(refusal)),
        }
    }

    /// Looks for an injected option, a script given to a shell, or a computed script given to an interpreter. The macro
    /// cannot see these if the program or the arguments are computed.
    fn examine_args(&self) -> Option<Refusal> {
        let program = self.program.to_bytes();
        let may_have_script = !self.args.is_empty() && command_line::is_of_interest(program);
        let has_suspects = self.args.has_suspects();
        if !may_have_script && !has_suspects {
            return None;
        }
        let words: Vec<command_line::Word<'_>> = self
            .args
            .words()
            .iter()
            .map(|word| command_line::Word {
                text: word.text.to_bytes(),
                is_list: false,
                is_computed: word.is_computed,
                is_verbatim: word.is_verbatim,
                is_value: word.is_value,
            })
            .collect();
        // If both are found, the script is reported, since it tells more about the danger.
        let script = if may_have_script { self.find_script(program, &words) } else { None };
        script.or_else(|| if has_suspects { self.args.injected_option(program, &words) } else { None })
    }

    fn find_script(&self, program: &[u8], words: &[command_line::Word<'_>]) -> Option<Refusal> {
        let found = command_line::script(&command_line::invocations(program, words), words)?;
        let index = found.script.or(found.option).or(found.program)? + 1;
        let is_hidden = |index| self.args.words().iter().nth(index).is_some_and(|word| word.secret_from.is_some());
        let reader = match found.program {
            None => program,
            Some(index) if is_hidden(index) => HIDDEN.as_bytes(),
            Some(index) => words[index].text,
        };
        Some(Refusal::argument(index, Fault::Script { kind: found.kind, reader: reader.to_vec() }))
    }
}
