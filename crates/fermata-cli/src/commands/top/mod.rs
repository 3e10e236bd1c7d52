//! `fermata top`: sessions at a glance, and the keys that drive them. What is shown and what keys do is `view::top`; here is what it takes
//! from the world.
//!
//! | file | job |
//! | --- | --- |
//! | `feed` | reads how things stand whenever something happens |
//! | `orders` | makes the calls that keys ask for |
//! | `terminal` | takes the terminal, and gives it back |

mod feed;
mod orders;
mod terminal;

use std::io::{IsTerminal, stdin, stdout};
use std::time::Duration;

use crossterm::event::{Event, EventStream};
use futures::StreamExt;
use tokio::sync::{mpsc, watch};

use super::context::Context;
use super::ids::resolve;
use super::serve::stop_requested;
use crate::args::{Format, TopArgs};
use crate::failure::Failure;
use crate::view::top::{Asked, Focus, Order, Picture, Top, draw, press};
use crate::words::Word;
use terminal::Taken;

/// How often times on the screen go on.
const TICK: Duration = Duration::from_secs(1);
/// News and orders that may wait. Whoever sends more waits itself.
const ROOM: usize = 64;

/// What the screen is told.
enum News {
    Picture(Box<Picture>),
    Event(Box<feed::Happened>),
    /// The server could not be asked, and why.
    Lost(String),
    Done(Order),
    Refused(Order, String),
}

pub(super) async fn run(args: TopArgs, context: &Context<'_>) -> Result<(), Failure> {
    let screen = context.screen;
    if screen.format == Format::Json || !stdin().is_terminal() || !stdout().is_terminal() {
        let text = "top is for people at a terminal; for programs there is `fermata session watch`";
        return Err(Failure::Usage(text.to_owned()));
    }
    let session_id = match &args.session {
        Some(given) => Some(resolve(context, given).await?),
        None => None,
    };
    let channel = context.channel().await?;
    let about = context.server_info().await?;
    let cloud = about.cloud_kind().name().to_lowercase();
    let server = format!("{} · {} · {cloud} cloud", context.server(), about.version);

    let (focus, focused) = watch::channel(Focus { session_id: session_id.clone(), host: None });
    let (tell, news) = mpsc::channel(ROOM);
    let (order, ordered) = mpsc::channel(ROOM);
    let shown = Shown { top: Top::new(server, session_id), focus, news, order };
    tokio::select! {
        left = shown.until_left(context) => left,
        () = feed::feed(context, channel.clone(), focused, tell.clone()) => Ok(()),
        () = orders::carry_out(context, channel, ordered, tell) => Ok(()),
    }
}

/// The screen, and what it is tied to.
struct Shown {
    top: Top,
    focus: watch::Sender<Focus>,
    news: mpsc::Receiver<News>,
    order: mpsc::Sender<Order>,
}

impl Shown {
    /// Draws, and takes keys and news, until the operator leaves or the process is told to stop.
    async fn until_left(mut self, context: &Context<'_>) -> Result<(), Failure> {
        let screen = context.screen;
        let has_color = screen.has_color();
        let mut terminal = Taken::take()?;
        let mut keys = EventStream::new();
        let mut tick = tokio::time::interval(TICK);
        let stop = stop_requested();
        tokio::pin!(stop);
        loop {
            let now = screen.now();
            terminal.draw(|frame| draw(frame, &self.top, now, has_color))?;
            tokio::select! {
                stopped = &mut stop => return Ok(stopped?),
                key = keys.next() => match key.transpose()? {
                    Some(Event::Key(key)) => match press(&mut self.top, key) {
                        Asked::Leave => return Ok(()),
                        Asked::Nothing => {}
                        Asked::Do(order) => self.order(order),
                    },
                    Some(_) => {}
                    // The terminal is gone.
                    None => return Ok(()),
                },
                Some(news) = self.news.recv() => self.learn(news, context),
                _ = tick.tick() => {}
            }
            let focus = self.top.focus();
            self.focus.send_if_modified(|known| {
                let is_new = known != focus;
                known.clone_from(focus);
                is_new
            });
        }
    }

    fn order(&mut self, order: Order) {
        if let Err(error) = self.order.try_send(order) {
            let order = error.into_inner();
            self.top.refused(&order, "too many orders wait for the server");
        }
    }

    fn learn(&mut self, news: News, context: &Context<'_>) {
        let now = context.screen.now();
        match news {
            News::Picture(picture) => self.top.show(*picture, now),
            News::Event(happened) => {
                self.top.event(&happened.event, happened.time.as_ref(), now);
            }
            News::Lost(why) => self.top.lost(why),
            News::Done(order) => self.top.done(&order),
            News::Refused(order, why) => self.top.refused(&order, &why),
        }
    }
}
