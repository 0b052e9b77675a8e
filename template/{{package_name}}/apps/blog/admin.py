"""The admin's pages of the blog."""

from ...core.admin import ModelAdmin
from .models import Category, Comment, Post


class PostAdmin(ModelAdmin):
    model = Post
    columns = ("title", "author", "status", "created_at")
    search = ("slug",)
    order = "-created_at"


class CommentAdmin(ModelAdmin):
    model = Comment
    columns = ("post", "author", "created_at")


class CategoryAdmin(ModelAdmin):
    model = Category
    columns = ("name", "slug")
    search = ("slug",)
