//! Nested saves of `#[sea_orm::model]`, which open transactions of their own.

use adapters::seaorm::Backend;
use ports::{Atomic as _, DatabaseError};
use sea_orm::{EntityTrait as _, PaginatorTrait as _};

use super::store::Store;

#[expect(unreachable_pub, reason = "SeaORM derives public items around it")]
mod author {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "authors")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
        #[sea_orm(has_many)]
        pub books: HasMany<super::book::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

#[expect(unreachable_pub, reason = "SeaORM derives public items around it")]
mod book {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "books")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[sea_orm(unique)]
        pub title: String,
        pub author_id: i32,
        #[sea_orm(belongs_to, from = "author_id", to = "id")]
        pub author: BelongsTo<super::author::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn author(titles: [&str; 2]) -> author::ActiveModelEx {
    let [one, two] = titles.map(|title| book::ActiveModel::builder().set_title(title));
    author::ActiveModel::builder()
        .set_name("Ada")
        .add_book(one)
        .add_book(two)
}

/// How many authors and books there are.
async fn counts<B: Backend>(store: &Store<B>) -> (u64, u64) {
    let session = store.session();
    let authors = author::Entity::find().count(&session).await.unwrap();
    (authors, book::Entity::find().count(&session).await.unwrap())
}

async fn tables<B: Backend>(store: &Store<B>) {
    store.table::<author::Entity>().await;
    store.table::<book::Entity>().await;
}

async fn a_nested_save_outside_of_a_unit_of_work_is_one<B: Backend>(store: Store<B>) {
    tables(&store).await;
    author(["a", "b"]).save(&store.session()).await.unwrap();
    assert_eq!(counts(&store).await, (1, 2));
    author(["c", "a"]).save(&store.session()).await.unwrap_err();
    assert_eq!(counts(&store).await, (1, 2), "all or nothing");
}

async fn a_nested_save_is_part_of_the_unit_of_work_around_it<B: Backend>(store: Store<B>) {
    tables(&store).await;
    let undone = store.manager.atomic(|| async {
        author(["a", "b"]).save(&store.session()).await.unwrap();
        assert_eq!(counts(&store).await, (1, 2));
        Err::<(), _>(DatabaseError::invalid_query("undo"))
    });
    undone.await.unwrap_err();
    assert_eq!(counts(&store).await, (0, 0));

    let kept = store.manager.atomic(|| async {
        author(["a", "b"]).save(&store.session()).await.unwrap();
        author(["c", "a"]).save(&store.session()).await.unwrap_err();
        author(["d", "e"]).save(&store.session()).await.unwrap();
        Ok::<_, DatabaseError>(())
    });
    kept.await.unwrap();
    assert_eq!(counts(&store).await, (2, 4));
}

on_every_backend!(
    a_nested_save_outside_of_a_unit_of_work_is_one,
    a_nested_save_is_part_of_the_unit_of_work_around_it,
);
